/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an archive: one pass finds the position of each blob. Names that do not belong to a layout are ignored, so
 * other entries, and where they would be unpacked to, do not matter. */
#include "oci/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "oci/document.h"
#include "oci/tarfile.h"

static const char BLOB_PREFIX[] = "blobs/sha256/";

typedef struct {
  gint64 position;
  guint64 size_bytes;
} Place;

typedef struct {
  VarveBlobs blobs;
  char *path; /* escaped, for messages */
  int fd;
  GMutex mutex;
  gboolean has_docker_manifest; /* as the archives of docker save have it, new ones beside a layout */
  gboolean compressed;          /* until the first blob is opened: then fd is the decompressed file */
  GHashTable *places;           /* VarveDigest -> Place, both owned */
  GBytes *index, *layout_file;
} Reader;

/* Seeks to the entry of this name; VARVE_ERROR_NOT_FOUND if there is none. */
static gboolean
seek_entry (VarveTarfile *tarfile, const char *name, guint64 size_bytes, GError **error)
{
  VarveTarEntry entry;
  VarveTarResult result;
  while ((result = varve_tarfile_next (tarfile, &entry, error)) == VARVE_TAR_ENTRY)
    if (entry.regular && entry.size_bytes == size_bytes && g_str_equal (entry.name, name))
      return TRUE;
  if (result == VARVE_TAR_END)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "entry not found: the archive changed while it was read");
  return FALSE;
}

static gboolean
reader_inflate (Reader *reader, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&reader->mutex);
  int plain_fd = reader->compressed ? varve_tarfile_inflate (reader->fd, cancellable, error) : reader->fd;
  if (plain_fd >= 0 && reader->compressed)
    {
      close (reader->fd);
      reader->fd = plain_fd;
      reader->compressed = FALSE;
    }
  g_mutex_unlock (&reader->mutex);
  return plain_fd >= 0;
}

static GInputStream *
open_place (Reader *reader, const char *name, const Place *place, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveTarfile) tarfile
      = reader_inflate (reader, cancellable, error) ? varve_tarfile_open (reader->fd, place->position, error) : NULL;
  if (tarfile == NULL || !seek_entry (tarfile, name, place->size_bytes, error))
    {
      g_prefix_error (error, "archive '%s': '%s': ", reader->path, name);
      return NULL;
    }
  return varve_tarfile_to_stream (g_steal_pointer (&tarfile));
}

static GInputStream *
open_blob (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  Reader *reader = (Reader *)blobs;
  const Place *place = g_hash_table_lookup (reader->places, &descriptor->digest);
  g_autofree char *hex = varve_digest_to_hex (&descriptor->digest);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (place == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "archive '%s': blob 'sha256:%s': not found", reader->path,
                   hex);
      return NULL;
    }
  if (place->size_bytes != descriptor->size_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "archive '%s': blob 'sha256:%s' has %" G_GUINT64_FORMAT " bytes: expected %" G_GUINT64_FORMAT,
                   reader->path, hex, place->size_bytes, descriptor->size_bytes);
      return NULL;
    }
  g_autofree char *name = g_strconcat (BLOB_PREFIX, hex, NULL);
  return open_place (reader, name, place, cancellable, error);
}

static GBytes *
load_index (VarveBlobs *blobs, GError **error)
{
  return g_bytes_ref (((Reader *)blobs)->index);
}

static void
reader_free (VarveBlobs *blobs)
{
  Reader *reader = (Reader *)blobs;
  if (reader->fd >= 0)
    close (reader->fd);
  g_mutex_clear (&reader->mutex);
  g_free (reader->path);
  g_hash_table_unref (reader->places);
  g_clear_pointer (&reader->index, g_bytes_unref);
  g_clear_pointer (&reader->layout_file, g_bytes_unref);
  g_free (reader);
}

static gboolean
set_duplicate (GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "duplicate entry");
  return FALSE;
}

static gboolean
read_whole (VarveTarfile *tarfile, guint64 size_bytes, GBytes **content, GError **error)
{
  if (*content != NULL)
    return set_duplicate (error);
  if (size_bytes > VARVE_DOCUMENT_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "size %" G_GUINT64_FORMAT " bytes: the limit is %d",
                   size_bytes, VARVE_DOCUMENT_MAX_BYTES);
      return FALSE;
    }
  g_autofree guint8 *data = g_malloc (MAX (size_bytes, 1));
  gsize filled = 0;
  gssize n = 1;
  for (; filled < size_bytes && n > 0; filled += (gsize)n)
    {
      n = varve_tarfile_read (tarfile, data + filled, size_bytes - filled, error);
      if (n < 0)
        return FALSE;
    }
  *content = g_bytes_new_take (g_steal_pointer (&data), filled);
  return TRUE;
}

static gboolean
index_blob (Reader *reader, const char *hex, const VarveTarEntry *entry, GError **error)
{
  VarveDigest digest;
  if (!varve_digest_from_hex (hex, &digest, NULL))
    return TRUE; /* the name is not a digest */
  if (g_hash_table_contains (reader->places, &digest))
    return set_duplicate (error);
  Place place = { .position = entry->position, .size_bytes = entry->size_bytes };
  g_hash_table_insert (reader->places, g_memdup2 (&digest, sizeof digest), g_memdup2 (&place, sizeof place));
  return TRUE;
}

static gboolean
index_entry (Reader *reader, VarveTarfile *tarfile, const VarveTarEntry *entry, GError **error)
{
  gboolean is_index = g_str_equal (entry->name, VARVE_LAYOUT_INDEX);
  gboolean is_layout_file = g_str_equal (entry->name, VARVE_LAYOUT_FILE);
  gboolean is_blob = g_str_has_prefix (entry->name, BLOB_PREFIX) && entry->name[strlen (BLOB_PREFIX)] != '\0';
  reader->has_docker_manifest |= g_str_equal (entry->name, "manifest.json");
  if (!is_index && !is_layout_file && !is_blob)
    return TRUE;
  if (!entry->regular)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not a regular file");
      return FALSE;
    }
  if (is_blob)
    return index_blob (reader, entry->name + strlen (BLOB_PREFIX), entry, error);
  return read_whole (tarfile, entry->size_bytes, is_index ? &reader->index : &reader->layout_file, error);
}

static gboolean
index_entries (Reader *reader, VarveTarfile *tarfile, GError **error)
{
  VarveTarEntry entry;
  VarveTarResult result;
  while ((result = varve_tarfile_next (tarfile, &entry, error)) == VARVE_TAR_ENTRY)
    if (!index_entry (reader, tarfile, &entry, error))
      {
        g_autofree char *escaped = varve_escape (entry.name);
        g_prefix_error (error, "'%s': ", escaped);
        return FALSE;
      }
  reader->compressed = varve_tarfile_is_compressed (tarfile);
  return result == VARVE_TAR_END;
}

static gboolean
open_reader (Reader *reader, const char *path, GError **error)
{
  reader->fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (reader->fd < 0)
    return varve_set_errno (error, errno, "opening the file");
  g_autoptr (VarveTarfile) tarfile = varve_tarfile_open (reader->fd, 0, error);
  if (tarfile == NULL || !index_entries (reader, tarfile, error))
    return FALSE;
  if (reader->layout_file == NULL || reader->index == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "not an OCI archive: '%s' is missing%s",
                   reader->layout_file == NULL ? VARVE_LAYOUT_FILE : VARVE_LAYOUT_INDEX,
                   reader->has_docker_manifest ? ": a docker-archive, which 'skopeo copy docker-archive:FILE "
                                                 "oci-archive:FILE' converts"
                                               : "");
      return FALSE;
    }
  return varve_layout_check_file (reader->layout_file, error);
}

VarveBlobs *
varve_archive_read (const char *path, GError **error)
{
  Reader *reader = g_new0 (Reader, 1);
  reader->blobs = (VarveBlobs){ .open_blob = open_blob, .load_index = load_index, .free = reader_free };
  reader->path = varve_escape (path);
  reader->fd = -1;
  g_mutex_init (&reader->mutex);
  reader->places = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, g_free);
  if (open_reader (reader, path, error))
    return &reader->blobs;
  g_prefix_error (error, "archive '%s': ", reader->path);
  reader_free (&reader->blobs);
  return NULL;
}
