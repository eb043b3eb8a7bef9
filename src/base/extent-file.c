/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is reserved for a piece of unknown size. Small ones are gathered in memory and get their place when they end.
 * A larger one takes a backing file for itself until it ends, and grows at that file's end; so there are as many
 * backing files as large pieces were ever written at once. A position is the number of the backing file and an offset
 * in it. */
#include "base/extent-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk-room.h"
#include "base/error.h"
#include "base/fasthash.h"
#include "base/tempfile.h"
#include "base/temporary-folder.h"

enum {
  GATHER_BYTES = 4 << 20,
  POUR_BYTES = 1 << 20,
  HOLE_MIN_BYTES = 1 << 16, /* a smaller hole gains nothing: file systems use blocks of 4 KiB and more */
  OFFSET_BITS = 48,
  BACKING_FILES_MAX = 1 << (63 - OFFSET_BITS),
};

static const guint64 OFFSET_MAX = (G_GUINT64_CONSTANT (1) << OFFSET_BITS) - 1;

typedef struct {
  int fd;
  guint64 end;
  gboolean is_taken; /* by a writer; the first one never is */
} Backing;

struct _VarveExtentFile {
  char *folder; /* NULL: varve_temporary_parent() */
  GMutex mutex; /* over what follows */
  GArray *backings;
};

struct _VarveExtentFileWriter {
  VarveExtentFile *file;
  GByteArray *gathered;
  gboolean is_placed, is_finished;
  guint64 at, written, max_bytes; /* at: once it is placed */
  VarveDiskRoom room;
  VarveSink sink;
};

/* Names the folder, and TMPDIR if that chose it. */
static gboolean
extent_fail (const char *folder, const char *doing, GError **error)
{
  int saved_errno = errno;
  g_autofree char *escaped = varve_escape (folder != NULL ? folder : varve_temporary_parent ());
  return varve_set_errno (error, saved_errno, "%s a temporary file in '%s'%s", doing, escaped,
                          folder == NULL ? " (TMPDIR)" : "");
}

/* O_TMPFILE, or the same by other means where the file system has none. */
static int
open_unnamed (const char *folder)
{
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  g_autofree char *name = g_build_filename (folder, ".varve-XXXXXX", NULL);
  fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    unlink (name);
  return fd;
}

int
varve_extent_file_open_fd (const char *path, GError **error)
{
  int fd = open_unnamed (path != NULL ? path : varve_temporary_parent ());
  if (fd < 0)
    extent_fail (path, "creating", error);
  return fd;
}

static gboolean
backing_add (VarveExtentFile *file, gboolean is_taken, GError **error)
{
  if (file->backings->len == BACKING_FILES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %d temporary files",
                   BACKING_FILES_MAX);
      return FALSE;
    }
  Backing backing = { .fd = varve_extent_file_open_fd (file->folder, error), .is_taken = is_taken };
  if (backing.fd >= 0)
    g_array_append_val (file->backings, backing);
  return backing.fd >= 0;
}

/* The caller holds the mutex. */
static Backing *
backing_at (const VarveExtentFile *file, guint64 at)
{
  g_assert ((at >> OFFSET_BITS) < file->backings->len);
  return &g_array_index (file->backings, Backing, at >> OFFSET_BITS);
}

/* The end of a backing file that nobody else writes to. */
static gboolean
backing_take (VarveExtentFile *file, guint64 *out_at, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->mutex);
  guint index = 1;
  while (index < file->backings->len && g_array_index (file->backings, Backing, index).is_taken)
    index++;
  if (index == file->backings->len && !backing_add (file, TRUE, error))
    return FALSE;
  Backing *backing = &g_array_index (file->backings, Backing, index);
  backing->is_taken = TRUE;
  *out_at = (guint64)index << OFFSET_BITS | backing->end;
  return TRUE;
}

static void
backing_give (VarveExtentFile *file, guint64 at, guint64 size_bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->mutex);
  Backing *backing = backing_at (file, at);
  backing->end += size_bytes;
  backing->is_taken = FALSE;
}

VarveExtentFile *
varve_extent_file_new (const char *path, GError **error)
{
  g_autoptr (VarveExtentFile) file = g_new0 (VarveExtentFile, 1);
  file->folder = g_strdup (path);
  file->backings = g_array_new (FALSE, FALSE, sizeof (Backing));
  g_mutex_init (&file->mutex);
  return backing_add (file, FALSE, error) ? g_steal_pointer (&file) : NULL;
}

void
varve_extent_file_free (VarveExtentFile *file)
{
  for (guint i = 0; i < file->backings->len; i++)
    close (g_array_index (file->backings, Backing, i).fd);
  g_array_unref (file->backings);
  g_mutex_clear (&file->mutex);
  g_free (file->folder);
  g_free (file);
}

const char *
varve_extent_file_folder (const VarveExtentFile *file)
{
  return file->folder;
}

int
varve_extent_file_fd (VarveExtentFile *file, guint64 at, guint64 *out_offset)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->mutex);
  *out_offset = at & OFFSET_MAX;
  return backing_at (file, at)->fd;
}

guint64
varve_extent_file_free_bytes (VarveExtentFile *file)
{
  guint64 offset;
  return varve_disk_room_free_bytes (varve_extent_file_fd (file, 0, &offset));
}

gboolean
varve_extent_file_reserve (VarveExtentFile *file, guint64 size_bytes, guint64 *out_at, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->mutex);
  Backing *first = &g_array_index (file->backings, Backing, 0);
  if (size_bytes > OFFSET_MAX - first->end)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "a temporary file of more than the limit of %" G_GUINT64_FORMAT " bytes", OFFSET_MAX);
      return FALSE;
    }
  *out_at = first->end;
  first->end += size_bytes;
  return TRUE;
}

gboolean
varve_extent_file_write (VarveExtentFile *file, guint64 at, const void *data, gsize size_bytes, GError **error)
{
  const guint8 *next = data;
  guint64 offset;
  int fd = varve_extent_file_fd (file, at, &offset);
  while (size_bytes > 0)
    {
      ssize_t n = pwrite (fd, next, size_bytes, (off_t)offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return extent_fail (file->folder, "writing", error);
      next += n;
      offset += (guint64)n;
      size_bytes -= (gsize)n;
    }
  return TRUE;
}

gboolean
varve_extent_file_read (VarveExtentFile *file, guint64 at, void *buffer, gsize size_bytes, GError **error)
{
  guint8 *next = buffer;
  guint64 offset;
  int fd = varve_extent_file_fd (file, at, &offset);
  while (size_bytes > 0)
    {
      ssize_t n = pread (fd, next, size_bytes, (off_t)offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return extent_fail (file->folder, "reading", error);
      if (n == 0)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO,
                       "a temporary file ends %" G_GSIZE_FORMAT " bytes before the end of a piece in it", size_bytes);
          return FALSE;
        }
      next += n;
      offset += (guint64)n;
      size_bytes -= (gsize)n;
    }
  return TRUE;
}

guint8 *
varve_extent_file_load (VarveExtentFile *file, VarveExtent extent, GError **error)
{
  g_autofree guint8 *data = g_try_malloc (extent.size_bytes + 1);
  if (data == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "no memory for %" G_GUINT64_FORMAT " bytes", extent.size_bytes);
      return NULL;
    }
  return varve_extent_file_read (file, extent.at, data, extent.size_bytes, error) ? g_steal_pointer (&data) : NULL;
}

gboolean
varve_extent_file_pour (VarveExtentFile *file, VarveExtent extent, const VarveSink *sink, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (MIN (extent.size_bytes, POUR_BYTES) + 1);
  while (extent.size_bytes > 0)
    {
      gsize n = (gsize)MIN (extent.size_bytes, POUR_BYTES);
      if (!varve_extent_file_read (file, extent.at, buffer, n, error) || !sink->write (sink->data, buffer, n, error))
        return FALSE;
      extent.at += n;
      extent.size_bytes -= n;
    }
  return TRUE;
}

typedef struct {
  VarveFasthash *hash;
  GCancellable *cancellable;
} Hashing;

static gboolean
hashing_update (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  const Hashing *hashing = data;
  varve_fasthash_update (hashing->hash, bytes, size_bytes);
  return !g_cancellable_set_error_if_cancelled (hashing->cancellable, error);
}

gboolean
varve_extent_file_hash (VarveExtentFile *file, VarveExtent extent, GCancellable *cancellable, guint64 *out_hash,
                        GError **error)
{
  g_autoptr (VarveFasthash) hash = varve_fasthash_new ();
  Hashing hashing = { .hash = hash, .cancellable = cancellable };
  VarveSink sink = { .write = hashing_update, .data = &hashing };
  if (!varve_extent_file_pour (file, extent, &sink, error))
    return FALSE;
  *out_hash = varve_fasthash_finish (hash);
  return TRUE;
}

void
varve_extent_file_forget (VarveExtentFile *file, VarveExtent extent)
{
  guint64 offset;
  int fd = varve_extent_file_fd (file, extent.at, &offset);
  if (extent.size_bytes >= HOLE_MIN_BYTES) /* a failure only leaves the space in use */
    fallocate (fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)extent.size_bytes);
}

/* A GInputStream over a piece. */

#define VARVE_TYPE_EXTENT_STREAM (varve_extent_stream_get_type ())
G_DECLARE_FINAL_TYPE (VarveExtentStream, varve_extent_stream, VARVE, EXTENT_STREAM, GInputStream)

struct _VarveExtentStream {
  GInputStream parent_instance;
  VarveExtentFile *file;
  gboolean is_owner;
  VarveExtent left;
};

G_DEFINE_FINAL_TYPE (VarveExtentStream, varve_extent_stream, G_TYPE_INPUT_STREAM)

static gssize
stream_read (GInputStream *stream, void *data, gsize size_bytes, GCancellable *cancellable, GError **error)
{
  VarveExtentStream *self = VARVE_EXTENT_STREAM (stream);
  gsize n = (gsize)MIN (size_bytes, self->left.size_bytes);
  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !varve_extent_file_read (self->file, self->left.at, data, n, error))
    return -1;
  self->left.at += n;
  self->left.size_bytes -= n;
  return (gssize)n;
}

static void
stream_finalize (GObject *object)
{
  VarveExtentStream *self = VARVE_EXTENT_STREAM (object);
  if (self->is_owner)
    varve_extent_file_free (self->file);
  G_OBJECT_CLASS (varve_extent_stream_parent_class)->finalize (object);
}

static void
varve_extent_stream_class_init (VarveExtentStreamClass *class)
{
  G_INPUT_STREAM_CLASS (class)->read_fn = stream_read;
  G_OBJECT_CLASS (class)->finalize = stream_finalize;
}

static void
varve_extent_stream_init (VarveExtentStream *self)
{
}

GInputStream *
varve_extent_file_open (VarveExtentFile *file, VarveExtent extent)
{
  VarveExtentStream *stream = g_object_new (VARVE_TYPE_EXTENT_STREAM, NULL);
  stream->file = file;
  stream->left = extent;
  return G_INPUT_STREAM (stream);
}

GInputStream *
varve_extent_file_open_take (VarveExtentFile *file, VarveExtent extent)
{
  GInputStream *stream = varve_extent_file_open (file, extent);
  VARVE_EXTENT_STREAM (stream)->is_owner = TRUE;
  return stream;
}

static gboolean
write_to_sink (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return varve_extent_file_writer_write (data, bytes, size_bytes, error);
}

VarveExtentFileWriter *
varve_extent_file_writer_new (VarveExtentFile *file, guint64 max_bytes)
{
  VarveExtentFileWriter *writer = g_new0 (VarveExtentFileWriter, 1);
  writer->file = file;
  writer->gathered = g_byte_array_new ();
  writer->max_bytes = max_bytes;
  writer->sink = (VarveSink){ .write = write_to_sink, .data = writer };
  return writer;
}

void
varve_extent_file_writer_free (VarveExtentFileWriter *writer)
{
  if (writer->is_placed && !writer->is_finished)
    {
      varve_extent_file_forget (writer->file, (VarveExtent){ .at = writer->at, .size_bytes = writer->written });
      backing_give (writer->file, writer->at, 0);
    }
  varve_disk_room_clear (&writer->room);
  g_byte_array_unref (writer->gathered);
  g_free (writer);
}

const VarveSink *
varve_extent_file_writer_sink (VarveExtentFileWriter *writer)
{
  return &writer->sink;
}

gboolean
varve_extent_file_writer_claim (VarveExtentFileWriter *writer, guint64 size_bytes, GError **error)
{
  guint64 offset, free_bytes;
  int fd = varve_extent_file_fd (writer->file, 0, &offset);
  varve_disk_room_clear (&writer->room);
  if (varve_disk_room_claim (fd, size_bytes, &writer->room, &free_bytes))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
               "no space left for temporary files: %" G_GUINT64_FORMAT " bytes are needed, %" G_GUINT64_FORMAT
               " are free",
               size_bytes, free_bytes);
  return FALSE;
}

static gboolean
writer_append (VarveExtentFileWriter *writer, const void *data, gsize size_bytes, GError **error)
{
  if (!varve_extent_file_write (writer->file, writer->at + writer->written, data, size_bytes, error))
    return FALSE;
  writer->written += size_bytes;
  varve_disk_room_use (&writer->room, size_bytes);
  return TRUE;
}

static gboolean
writer_flush (VarveExtentFileWriter *writer, GError **error)
{
  if (!writer_append (writer, writer->gathered->data, writer->gathered->len, error))
    return FALSE;
  g_byte_array_set_size (writer->gathered, 0);
  return TRUE;
}

static gboolean
writer_place (VarveExtentFileWriter *writer, GError **error)
{
  if (!writer->is_placed)
    writer->is_placed = backing_take (writer->file, &writer->at, error);
  return writer->is_placed;
}

gboolean
varve_extent_file_writer_write (VarveExtentFileWriter *writer, const void *data, gsize size_bytes, GError **error)
{
  g_return_val_if_fail (!writer->is_finished, FALSE);
  if (size_bytes > writer->max_bytes - writer->written - writer->gathered->len)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %" G_GUINT64_FORMAT " bytes",
                   writer->max_bytes);
      return FALSE;
    }
  if (writer->gathered->len + size_bytes > GATHER_BYTES
      && (!writer_place (writer, error) || !writer_flush (writer, error)))
    return FALSE;
  if (size_bytes >= GATHER_BYTES)
    return writer_place (writer, error) && writer_append (writer, data, size_bytes, error);
  g_byte_array_append (writer->gathered, data, (guint)size_bytes);
  return TRUE;
}

static gboolean
writer_finish_small (VarveExtentFileWriter *writer, GError **error)
{
  return varve_extent_file_reserve (writer->file, writer->gathered->len, &writer->at, error)
         && writer_flush (writer, error);
}

gboolean
varve_extent_file_writer_finish (VarveExtentFileWriter *writer, VarveExtent *out_extent, GError **error)
{
  g_return_val_if_fail (!writer->is_finished, FALSE);
  if (!writer->is_placed ? !writer_finish_small (writer, error) : !writer_flush (writer, error))
    return FALSE;
  if (writer->is_placed)
    backing_give (writer->file, writer->at, writer->written);
  writer->is_finished = TRUE;
  *out_extent = (VarveExtent){ .at = writer->at, .size_bytes = writer->written };
  return TRUE;
}
