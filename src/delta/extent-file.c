/* Pieces whose size is not known beforehand are gathered in memory, and get their place when they end; one that outgrows that gets a
 * place as large as it may become, most of which stays a hole. */
#include "delta/extent-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

enum { GATHER_BYTES = 4 << 20, POUR_BYTES = 1 << 20 };

struct _VarveExtentFile {
  int fd;
  GMutex mutex;
  guint64 end;
};

struct _VarveExtentFileWriter {
  VarveExtentFile *spool;
  GByteArray *gathered;
  gboolean is_placed;
  guint64 at, written, max_bytes;
  VarveSink sink;
};

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
  const char *folder = path != NULL ? path : g_getenv ("TMPDIR");
  folder = folder != NULL ? folder : "/var/tmp";
  int fd = open_unnamed (folder);
  if (fd < 0)
    varve_set_errno (error, errno, "creating a temporary file in '%s'", folder);
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
  g_mutex_init (&spool->mutex);
  return spool;
}

void
varve_extent_file_free (VarveExtentFile *spool)
{
  close (spool->fd);
  g_mutex_clear (&spool->mutex);
  g_free (spool);
}

int
varve_extent_file_fd (const VarveExtentFile *spool)
{
  return spool->fd;
}

static guint64
reserve (VarveExtentFile *spool, guint64 size_bytes)
{
  g_mutex_lock (&spool->mutex);
  guint64 at = spool->end;
  spool->end += size_bytes;
  g_mutex_unlock (&spool->mutex);
  return at;
}

static gboolean
write_at (VarveExtentFile *spool, guint64 at, const guint8 *data, gsize size_bytes, GError **error)
{
  while (size_bytes > 0)
    {
      ssize_t n = pwrite (spool->fd, data, size_bytes, (off_t)at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return varve_set_errno (error, errno, "writing to a temporary file");
      data += n;
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
        return varve_set_errno (error, errno, "reading from a temporary file");
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
  if (!write_at (writer->spool, writer->at + writer->written, writer->gathered->data, writer->gathered->len, error))
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
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %" G_GUINT64_FORMAT " bytes", writer->max_bytes);
      return FALSE;
    }
  if (writer->gathered->len + size_bytes > GATHER_BYTES)
    {
      if (!writer->is_placed)
        writer->at = reserve (writer->spool, writer->max_bytes);
      writer->is_placed = TRUE;
      if (!flush_gathered (writer, error))
        return FALSE;
      if (size_bytes >= GATHER_BYTES)
        {
          gboolean written = write_at (writer->spool, writer->at + writer->written, data, size_bytes, error);
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
    writer->at = reserve (writer->spool, writer->gathered->len);
  writer->is_placed = TRUE;
  if (!flush_gathered (writer, error))
    return FALSE;
  *out_extent = (VarveExtent){ .at = writer->at, .size_bytes = writer->written };
  return TRUE;
}
