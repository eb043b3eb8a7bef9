/* Pieces whose size is not known beforehand are gathered in memory, and get their place when they end; one that
 * outgrows that gets a place as large as it may become, most of which stays a hole. */
#include "base/extent-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tempfile.h"
#include "base/temporary-folder.h"

enum {
  GATHER_BYTES = 4 << 20,
  POUR_BYTES = 1 << 20,
  HOLE_MIN_BYTES = 1 << 16, /* a smaller hole is no gain: file systems keep blocks of 4 KiB and more */
};

struct _VarveExtentFile {
  int fd;
  char *folder; /* NULL: the usual one */
  GMutex mutex;
  guint64 end;
};

struct _VarveExtentFileWriter {
  VarveExtentFile *spool;
  GByteArray *gathered;
  gboolean is_placed, is_finished;
  guint64 at, written, max_bytes;
  VarveSink sink;
};

/* With where it is, and, if that was not said by the caller, who says it. */
static gboolean
fail (const char *folder, const char *doing, GError **error)
{
  int saved_errno = errno;
  g_autofree char *escaped = varve_escape (folder != NULL ? folder : varve_temporary_parent ());
  return varve_set_errno (error, saved_errno, "%s a temporary file in '%s'%s", doing, escaped,
                          folder == NULL ? " (TMPDIR)" : "");
}

/* As O_TMPFILE does it, also where the file system does not. */
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
    fail (path, "creating", error);
  return fd;
}

VarveExtentFile *
varve_extent_file_new (const char *path, GError **error)
{
  int fd = varve_extent_file_open_fd (path, error);
  if (fd < 0)
    return NULL;
  VarveExtentFile *spool = g_new0 (VarveExtentFile, 1);
  spool->fd = fd;
  spool->folder = g_strdup (path);
  g_mutex_init (&spool->mutex);
  return spool;
}

void
varve_extent_file_free (VarveExtentFile *spool)
{
  close (spool->fd);
  g_mutex_clear (&spool->mutex);
  g_free (spool->folder);
  g_free (spool);
}

const char *
varve_extent_file_folder (const VarveExtentFile *spool)
{
  return spool->folder;
}

int
varve_extent_file_fd (const VarveExtentFile *spool)
{
  return spool->fd;
}

guint64
varve_extent_file_reserve (VarveExtentFile *spool, guint64 size_bytes)
{
  g_mutex_lock (&spool->mutex);
  guint64 at = spool->end;
  spool->end += size_bytes;
  g_mutex_unlock (&spool->mutex);
  return at;
}

gboolean
varve_extent_file_write (VarveExtentFile *spool, guint64 at, const void *data, gsize size_bytes, GError **error)
{
  const guint8 *next = data;
  while (size_bytes > 0)
    {
      ssize_t n = pwrite (spool->fd, next, size_bytes, (off_t)at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail (spool->folder, "writing", error);
      next += n;
      at += (guint64)n;
      size_bytes -= (gsize)n;
    }
  return TRUE;
}

gboolean
varve_extent_file_read (VarveExtentFile *spool, guint64 at, void *buffer, gsize size_bytes, GError **error)
{
  guint8 *next = buffer;
  while (size_bytes > 0)
    {
      ssize_t n = pread (spool->fd, next, size_bytes, (off_t)at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail (spool->folder, "reading", error);
      if (n == 0)
        {
          g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO, "a temporary file ends too early");
          return FALSE;
        }
      next += n;
      at += (guint64)n;
      size_bytes -= (gsize)n;
    }
  return TRUE;
}

guint8 *
varve_extent_file_load (VarveExtentFile *spool, VarveExtent extent, GError **error)
{
  g_autofree guint8 *data = g_try_malloc (extent.size_bytes + 1);
  if (data == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "no memory for %" G_GUINT64_FORMAT " bytes", extent.size_bytes);
      return NULL;
    }
  return varve_extent_file_read (spool, extent.at, data, extent.size_bytes, error) ? g_steal_pointer (&data) : NULL;
}

gboolean
varve_extent_file_pour (VarveExtentFile *spool, VarveExtent extent, const VarveSink *sink, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (MIN (extent.size_bytes, POUR_BYTES) + 1);
  while (extent.size_bytes > 0)
    {
      gsize n = (gsize)MIN (extent.size_bytes, POUR_BYTES);
      if (!varve_extent_file_read (spool, extent.at, buffer, n, error) || !sink->write (sink->data, buffer, n, error))
        return FALSE;
      extent.at += n;
      extent.size_bytes -= n;
    }
  return TRUE;
}

void
varve_extent_file_forget (VarveExtentFile *spool, VarveExtent extent)
{
  if (extent.size_bytes >= HOLE_MIN_BYTES) /* no harm where it cannot */
    fallocate (spool->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)extent.at, (off_t)extent.size_bytes);
}

/* The stream: the least that GInputStream asks for. */

#define VARVE_TYPE_EXTENT_STREAM (varve_extent_stream_get_type ())
G_DECLARE_FINAL_TYPE (VarveExtentStream, varve_extent_stream, VARVE, EXTENT_STREAM, GInputStream)

struct _VarveExtentStream {
  GInputStream parent_instance;
  VarveExtentFile *spool;
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
      || !varve_extent_file_read (self->spool, self->left.at, data, n, error))
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
    varve_extent_file_free (self->spool);
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
varve_extent_file_open (VarveExtentFile *spool, VarveExtent extent)
{
  VarveExtentStream *stream = g_object_new (VARVE_TYPE_EXTENT_STREAM, NULL);
  stream->spool = spool;
  stream->left = extent;
  return G_INPUT_STREAM (stream);
}

GInputStream *
varve_extent_file_open_take (VarveExtentFile *spool, VarveExtent extent)
{
  GInputStream *stream = varve_extent_file_open (spool, extent);
  VARVE_EXTENT_STREAM (stream)->is_owner = TRUE;
  return stream;
}

static gboolean
write_to_sink (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return varve_extent_file_writer_write (data, bytes, size_bytes, error);
}

VarveExtentFileWriter *
varve_extent_file_writer_new (VarveExtentFile *spool, guint64 max_bytes)
{
  VarveExtentFileWriter *writer = g_new0 (VarveExtentFileWriter, 1);
  writer->spool = spool;
  writer->gathered = g_byte_array_new ();
  writer->max_bytes = max_bytes;
  writer->sink = (VarveSink){ .write = write_to_sink, .data = writer };
  return writer;
}

void
varve_extent_file_writer_free (VarveExtentFileWriter *writer)
{
  if (writer->is_placed && !writer->is_finished)
    varve_extent_file_forget (writer->spool, (VarveExtent){ .at = writer->at, .size_bytes = writer->written });
  g_byte_array_unref (writer->gathered);
  g_free (writer);
}

const VarveSink *
varve_extent_file_writer_sink (VarveExtentFileWriter *writer)
{
  return &writer->sink;
}

static gboolean
flush_gathered (VarveExtentFileWriter *writer, GError **error)
{
  if (!varve_extent_file_write (writer->spool, writer->at + writer->written, writer->gathered->data,
                                writer->gathered->len, error))
    return FALSE;
  writer->written += writer->gathered->len;
  g_byte_array_set_size (writer->gathered, 0);
  return TRUE;
}

gboolean
varve_extent_file_writer_write (VarveExtentFileWriter *writer, const void *data, gsize size_bytes, GError **error)
{
  if (size_bytes > writer->max_bytes - writer->written - writer->gathered->len)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %" G_GUINT64_FORMAT " bytes",
                   writer->max_bytes);
      return FALSE;
    }
  if (writer->gathered->len + size_bytes > GATHER_BYTES)
    {
      if (!writer->is_placed)
        writer->at = varve_extent_file_reserve (writer->spool, writer->max_bytes);
      writer->is_placed = TRUE;
      if (!flush_gathered (writer, error))
        return FALSE;
      if (size_bytes >= GATHER_BYTES)
        {
          gboolean written
              = varve_extent_file_write (writer->spool, writer->at + writer->written, data, size_bytes, error);
          writer->written += size_bytes;
          return written;
        }
    }
  g_byte_array_append (writer->gathered, data, (guint)size_bytes);
  return TRUE;
}

gboolean
varve_extent_file_writer_finish (VarveExtentFileWriter *writer, VarveExtent *out_extent, GError **error)
{
  if (!writer->is_placed)
    writer->at = varve_extent_file_reserve (writer->spool, writer->gathered->len);
  writer->is_placed = TRUE;
  if (!flush_gathered (writer, error))
    return FALSE;
  writer->is_finished = TRUE;
  *out_extent = (VarveExtent){ .at = writer->at, .size_bytes = writer->written };
  return TRUE;
}
