/* SPDX-License-Identifier: Apache-2.0 */
/* The writing side of archive.h. The tar is written inside the staging layout, so the next run finds and removes what a
 * killed run leaves there. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

#include "base/durable-folder.h"
#include "base/error.h"
#include "base/temporary-folder.h"
#include "oci/archive.h"
#include "oci/reachable-blobs.h"

struct _VarveArchive {
  char *path;
  char *name; /* the last component of path */
  VarveTemporaryFolder *folder;
  VarveLayout *layout;
};

typedef struct {
  struct archive *tar;
  VarveTempfile *file;
  GError *error; /* of the last write; reported instead of libarchive's message */
} Writer;

static gboolean
archive_fail (const VarveArchive *archive, GError **error)
{
  g_autofree char *escaped = varve_escape (archive->path);
  g_prefix_error (error, "archive '%s': ", escaped);
  return FALSE;
}

/* The folder has an unpredictable name and belongs to this user alone. */
static gboolean
archive_stage (VarveArchive *archive, const char *parent, VarveObserver *observer, GCancellable *cancellable,
               GError **error)
{
  if (!varve_durable_folder_make (parent, 0755, error))
    return FALSE;
  archive->folder = varve_temporary_folder_new (parent, error);
  if (archive->folder == NULL)
    return FALSE;
  g_autofree char *staging = g_build_filename (varve_temporary_folder_path (archive->folder), "layout", NULL);
  archive->layout = varve_layout_open (staging, observer, cancellable, error);
  return archive->layout != NULL;
}

VarveArchive *
varve_archive_create (const char *path, VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *parent = g_path_get_dirname (path);
  if (g_str_has_suffix (path, "/") || g_str_equal (name, ".") || g_str_equal (name, "..")
      || g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *escaped = varve_escape (path);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "archive '%s': found a folder: expected a file name",
                   escaped);
      return NULL;
    }
  g_autoptr (VarveArchive) archive = g_new0 (VarveArchive, 1);
  archive->path = g_strdup (path);
  archive->name = g_steal_pointer (&name);
  if (archive_stage (archive, parent, observer, cancellable, error))
    return g_steal_pointer (&archive);
  archive_fail (archive, error);
  return NULL;
}

void
varve_archive_free (VarveArchive *archive)
{
  g_clear_pointer (&archive->layout, varve_layout_free);
  g_clear_pointer (&archive->folder, varve_temporary_folder_free);
  g_free (archive->path);
  g_free (archive->name);
  g_free (archive);
}

VarveLayout *
varve_archive_layout (VarveArchive *archive)
{
  return archive->layout;
}

static la_ssize_t
on_write (struct archive *tar, void *data, const void *buffer, size_t size_bytes)
{
  Writer *writer = data;
  g_clear_error (&writer->error);
  if (varve_tempfile_write (writer->file, buffer, size_bytes, &writer->error))
    return (la_ssize_t)size_bytes;
  archive_set_error (tar, EIO, "%s", writer->error->message);
  return ARCHIVE_FATAL;
}

static gboolean
check_tar (Writer *writer, la_ssize_t result, GError **error)
{
  if (result >= 0)
    return TRUE;
  if (writer->error != NULL)
    g_propagate_error (error, g_steal_pointer (&writer->error));
  else
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "writing the tar: %s", archive_error_string (writer->tar));
  return FALSE;
}

static gboolean
write_header (Writer *writer, const char *name, mode_t type, guint64 size_bytes, GError **error)
{
  struct archive_entry *entry = archive_entry_new ();
  archive_entry_set_pathname (entry, name);
  archive_entry_set_filetype (entry, type);
  archive_entry_set_perm (entry, type == AE_IFDIR ? 0755 : 0644);
  archive_entry_set_mtime (entry, 0, 0);
  archive_entry_set_size (entry, (la_int64_t)size_bytes);
  int result = archive_write_header (writer->tar, entry);
  archive_entry_free (entry);
  return check_tar (writer, result, error);
}

static gboolean
write_data (const void *data, gsize size_bytes, gpointer user_data, GError **error)
{
  Writer *writer = user_data;
  return check_tar (writer, archive_write_data (writer->tar, data, size_bytes), error);
}

static gboolean
write_small (Writer *writer, const char *name, const void *data, gsize size_bytes, GError **error)
{
  return write_header (writer, name, AE_IFREG, size_bytes, error) && write_data (data, size_bytes, writer, error);
}

/* Only whether the blob exists; streaming it finds other faults. */
static gboolean
is_missing (VarveBlobs *blobs, const VarveDescriptor *descriptor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = varve_blobs_open (blobs, descriptor, NULL, &error);
  return g_error_matches (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
}

static gboolean
write_blob (Writer *writer, VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable,
            GError **error)
{
  g_autofree char *hex = varve_digest_to_hex (&descriptor->digest);
  g_autofree char *name = g_strconcat ("blobs/sha256/", hex, NULL);
  return write_header (writer, name, AE_IFREG, descriptor->size_bytes, error)
         && varve_blobs_stream (blobs, descriptor, write_data, writer, cancellable, error);
}

static int
compare_digests (gconstpointer a, gconstpointer b)
{
  return varve_digest_compare (a, b);
}

static gboolean
write_blobs (Writer *writer, VarveBlobs *blobs, VarveArchiveKind kind, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) reached = varve_reachable_blobs (blobs, error);
  if (reached == NULL || !write_header (writer, "blobs", AE_IFDIR, 0, error)
      || !write_header (writer, "blobs/sha256", AE_IFDIR, 0, error))
    return FALSE;
  g_autoptr (GList) digests = g_list_sort (g_hash_table_get_keys (reached), compare_digests);
  for (GList *next = digests; next != NULL; next = next->next)
    {
      const guint64 *size_bytes = g_hash_table_lookup (reached, next->data);
      g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new ("", next->data, *size_bytes);
      if (kind == VARVE_ARCHIVE_THIN && is_missing (blobs, descriptor))
        continue;
      if (!write_blob (writer, blobs, descriptor, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_all (Writer *writer, VarveBlobs *blobs, VarveArchiveKind kind, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) index = varve_blobs_load_index (blobs, error);
  if (index == NULL)
    return FALSE;
  archive_write_set_format_pax_restricted (writer->tar); /* ustar, but for blobs over 8 GiB */
  archive_write_add_filter_none (writer->tar);
  archive_write_set_bytes_in_last_block (writer->tar, 1);
  return check_tar (writer, archive_write_open (writer->tar, writer, NULL, on_write, NULL), error)
         && write_small (writer, VARVE_LAYOUT_FILE, VARVE_LAYOUT_CONTENT, sizeof VARVE_LAYOUT_CONTENT - 1, error)
         && write_small (writer, VARVE_LAYOUT_INDEX, g_bytes_get_data (index, NULL), g_bytes_get_size (index), error)
         && write_blobs (writer, blobs, kind, cancellable, error)
         && check_tar (writer, archive_write_close (writer->tar), error);
}

/* The staging layout is in a folder in the archive's folder. */
static gboolean
publish_archive (VarveArchive *archive, VarveTempfile *file, GError **error)
{
  g_autofree char *target = g_strconcat ("../../", archive->name, NULL);
  if (!varve_tempfile_publish (file, target, error))
    return FALSE;
  int fd = openat (varve_layout_fd (archive->layout), "../..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return varve_set_errno (error, errno, "opening its folder");
  int result = fsync (fd);
  int saved_errno = errno;
  close (fd);
  return result == 0 || varve_set_errno (error, saved_errno, "syncing its folder");
}

static gboolean
write_archive (VarveArchive *archive, VarveBlobs *blobs, VarveArchiveKind kind, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_fd (archive->layout), error);
  if (file == NULL)
    return FALSE;
  Writer writer = { .tar = archive_write_new (), .file = file };
  gboolean written = write_all (&writer, blobs, kind, cancellable, error);
  archive_write_free (writer.tar);
  g_clear_error (&writer.error);
  return written && publish_archive (archive, file, error);
}

gboolean
varve_archive_finish (VarveArchive *archive, VarveBlobs *blobs, VarveArchiveKind kind, GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (VarveBlobs) own = NULL;
  if (blobs == NULL)
    blobs = own = varve_layout_blobs (archive->layout, error);
  if (blobs != NULL && write_archive (archive, blobs, kind, cancellable, error))
    return TRUE;
  return archive_fail (archive, error);
}
