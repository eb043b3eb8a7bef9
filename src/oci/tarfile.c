/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive over pread: a reader can start at any known header, and several readers can share one file. */
#include "oci/tarfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"
#include "base/extent-file.h"

enum {
  ENTRIES_MAX = 65536,
  BUFFER_BYTES = 256 * 1024,
};
static const guint64 INFLATED_MAX_BYTES = G_GUINT64_CONSTANT (1) << 36;
static const guint64 CONTENT_MAX_BYTES = G_GUINT64_CONSTANT (1) << 40;

struct _VarveTarfile {
  struct archive *archive;
  int fd;
  gint64 start, position, end; /* in the file */
  guint n_entries;
  guint64 content_bytes; /* of all entries so far */
  guint8 *buffer;
};

static la_ssize_t
on_read (struct archive *archive, void *data, const void **out_buffer)
{
  VarveTarfile *tarfile = data;
  ssize_t n;
  do
    n = pread (tarfile->fd, tarfile->buffer, BUFFER_BYTES, tarfile->position);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      archive_set_error (archive, errno, "%s", g_strerror (errno));
      return ARCHIVE_FATAL;
    }
  tarfile->position += n;
  *out_buffer = tarfile->buffer;
  return n;
}

/* Not past the end, so that a truncated file is an error. */
static la_int64_t
on_skip (struct archive *archive, void *data, la_int64_t request)
{
  VarveTarfile *tarfile = data;
  gint64 skipped = CLAMP (request, 0, MAX (tarfile->end - tarfile->position, 0));
  tarfile->position += skipped;
  return skipped;
}

static gboolean
tar_fail (VarveTarfile *tarfile, GError **error)
{
  const char *message = archive_error_string (tarfile->archive);
  g_autofree char *escaped = varve_escape (message != NULL ? message : "unknown error");
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not a readable tar: %s", escaped);
  return FALSE;
}

static gboolean
open_archive (VarveTarfile *tarfile, GError **error)
{
  struct archive *archive = tarfile->archive;
  archive_read_support_filter_gzip (archive);
  archive_read_support_filter_zstd (archive);
  archive_read_set_read_callback (archive, on_read);
  archive_read_set_skip_callback (archive, on_skip);
  archive_read_set_callback_data (archive, tarfile);
  return archive_read_open1 (archive) == ARCHIVE_OK || tar_fail (tarfile, error);
}

static VarveTarfile *
open_from (int fd, gint64 position, int (*support_format) (struct archive *archive), GError **error)
{
  struct stat status;
  if (fstat (fd, &status) != 0)
    {
      varve_set_errno (error, errno, "reading the file size");
      return NULL;
    }
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "not a regular file");
      return NULL;
    }
  g_autoptr (VarveTarfile) tarfile = g_new0 (VarveTarfile, 1);
  tarfile->start = tarfile->position = position;
  tarfile->end = status.st_size;
  tarfile->buffer = g_malloc (BUFFER_BYTES);
  tarfile->archive = archive_read_new ();
  support_format (tarfile->archive);
  tarfile->fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (tarfile->fd < 0)
    {
      varve_set_errno (error, errno, "duplicating a descriptor");
      return NULL;
    }
  return open_archive (tarfile, error) ? g_steal_pointer (&tarfile) : NULL;
}

VarveTarfile *
varve_tarfile_open (int fd, gint64 position, GError **error)
{
  g_return_val_if_fail (fd >= 0 && position >= 0, NULL);
  return open_from (fd, position, archive_read_support_format_tar, error);
}

void
varve_tarfile_free (VarveTarfile *tarfile)
{
  archive_read_free (tarfile->archive);
  if (tarfile->fd >= 0)
    close (tarfile->fd);
  g_free (tarfile->buffer);
  g_free (tarfile);
}

static const char *
entry_name (struct archive_entry *entry)
{
  const char *name = archive_entry_pathname_utf8 (entry);
  if (name == NULL)
    name = archive_entry_pathname (entry);
  if (name == NULL)
    return ""; /* a name that cannot be decoded is not one that we look for */
  while (g_str_has_prefix (name, "./"))
    name += 2;
  return name;
}

static gboolean
check_limits (VarveTarfile *tarfile, guint64 size_bytes, GError **error)
{
  if (++tarfile->n_entries > ENTRIES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %d entries", ENTRIES_MAX);
      return FALSE;
    }
  if (size_bytes > CONTENT_MAX_BYTES - tarfile->content_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "content of more than %" G_GUINT64_FORMAT " bytes",
                   CONTENT_MAX_BYTES);
      return FALSE;
    }
  tarfile->content_bytes += size_bytes;
  return TRUE;
}

VarveTarResult
varve_tarfile_next (VarveTarfile *tarfile, VarveTarEntry *out_entry, GError **error)
{
  struct archive_entry *entry;
  int result = archive_read_next_header (tarfile->archive, &entry);
  if (result == ARCHIVE_EOF)
    return VARVE_TAR_END;
  if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
    {
      tar_fail (tarfile, error);
      return VARVE_TAR_ERROR;
    }
  gint64 size_bytes = archive_entry_size (entry);
  if (!check_limits (tarfile, size_bytes >= 0 ? (guint64)size_bytes : G_MAXUINT64, error))
    return VARVE_TAR_ERROR;
  *out_entry = (VarveTarEntry){
    .name = entry_name (entry),
    .position = tarfile->start + archive_read_header_position (tarfile->archive),
    .size_bytes = (guint64)size_bytes,
    .regular = archive_entry_filetype (entry) == AE_IFREG && archive_entry_hardlink (entry) == NULL
               && archive_entry_sparse_count (entry) == 0,
  };
  return VARVE_TAR_ENTRY;
}

gboolean
varve_tarfile_is_compressed (VarveTarfile *tarfile)
{
  return archive_filter_code (tarfile->archive, 0) != ARCHIVE_FILTER_NONE;
}

static gboolean
write_block (int fd, const guint8 *data, size_t size_bytes, gint64 position, GError **error)
{
  while (size_bytes > 0)
    {
      ssize_t written = pwrite (fd, data, size_bytes, position);
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return varve_set_errno (error, errno, "decompressing to a temporary file");
      data += written;
      position += written;
      size_bytes -= (size_t)written;
    }
  return TRUE;
}

static gboolean
inflate_into (VarveTarfile *tarfile, int out_fd, GCancellable *cancellable, GError **error)
{
  struct archive_entry *entry;
  const void *data;
  size_t size_bytes;
  la_int64_t position;
  int result = archive_read_next_header (tarfile->archive, &entry);
  if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
    return tar_fail (tarfile, error);
  while ((result = archive_read_data_block (tarfile->archive, &data, &size_bytes, &position)) == ARCHIVE_OK)
    {
      if ((guint64)position + size_bytes > INFLATED_MAX_BYTES)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                       "decompressed size of more than %" G_GUINT64_FORMAT " bytes", INFLATED_MAX_BYTES);
          return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !write_block (out_fd, data, size_bytes, position, error))
        return FALSE;
    }
  return result == ARCHIVE_EOF || tar_fail (tarfile, error);
}

int
varve_tarfile_inflate (int fd, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveTarfile) tarfile = open_from (fd, 0, archive_read_support_format_raw, error);
  int out_fd = tarfile != NULL ? varve_extent_file_open_fd (NULL, error) : -1;
  if (out_fd >= 0 && !inflate_into (tarfile, out_fd, cancellable, error))
    {
      close (out_fd);
      return -1;
    }
  return out_fd;
}

gssize
varve_tarfile_read (VarveTarfile *tarfile, void *data, gsize size_bytes, GError **error)
{
  la_ssize_t n = archive_read_data (tarfile->archive, data, size_bytes);
  if (n >= 0)
    return n;
  tar_fail (tarfile, error);
  return -1;
}

/* The stream: what GInputStream requires. */

#define VARVE_TYPE_TARFILE_STREAM (varve_tarfile_stream_get_type ())
G_DECLARE_FINAL_TYPE (VarveTarfileStream, varve_tarfile_stream, VARVE, TARFILE_STREAM, GInputStream)

struct _VarveTarfileStream {
  GInputStream parent_instance;
  VarveTarfile *tarfile;
};

G_DEFINE_FINAL_TYPE (VarveTarfileStream, varve_tarfile_stream, G_TYPE_INPUT_STREAM)

static gssize
stream_read (GInputStream *stream, void *data, gsize size_bytes, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  return varve_tarfile_read (VARVE_TARFILE_STREAM (stream)->tarfile, data, size_bytes, error);
}

static void
stream_finalize (GObject *object)
{
  g_clear_pointer (&VARVE_TARFILE_STREAM (object)->tarfile, varve_tarfile_free);
  G_OBJECT_CLASS (varve_tarfile_stream_parent_class)->finalize (object);
}

static void
varve_tarfile_stream_class_init (VarveTarfileStreamClass *class)
{
  G_OBJECT_CLASS (class)->finalize = stream_finalize;
  G_INPUT_STREAM_CLASS (class)->read_fn = stream_read;
}

static void
varve_tarfile_stream_init (VarveTarfileStream *stream)
{
}

GInputStream *
varve_tarfile_to_stream (VarveTarfile *tarfile)
{
  VarveTarfileStream *stream = g_object_new (VARVE_TYPE_TARFILE_STREAM, NULL);
  stream->tarfile = tarfile;
  return G_INPUT_STREAM (stream);
}
