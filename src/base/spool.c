#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tempfile.h"

/* A hole smaller than this is no gain: file systems keep blocks of 4 KiB and more. */
enum { HOLE_MIN_BYTES = 1 << 16 };

struct _VarveSpool {
  int fd;
  char *folder; /* for messages */
  GMutex mutex;
  guint64 end;
};

/* As O_TMPFILE does it, where the file system does not. */
static int
open_nameless (const char *folder)
{
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  g_autofree char *path = g_build_filename (folder, ".varve-XXXXXX", NULL);
  fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    unlink (path);
  return fd;
}

VarveSpool *
varve_spool_new (GError **error)
{
  const char *folder = varve_temporary_folder ();
  int fd = open_nameless (folder);
  if (fd < 0)
    {
      varve_set_errno (error, errno, "creating a temporary file in '%s' (TMPDIR)", folder);
      return NULL;
    }
  VarveSpool *spool = g_new0 (VarveSpool, 1);
  *spool = (VarveSpool){ .fd = fd, .folder = g_strdup (folder) };
  g_mutex_init (&spool->mutex);
  return spool;
}

void
varve_spool_free (VarveSpool *spool)
{
  close (spool->fd);
  g_mutex_clear (&spool->mutex);
  g_free (spool->folder);
  g_free (spool);
}

guint64
varve_spool_reserve (VarveSpool *spool, guint64 size_bytes)
{
  g_mutex_lock (&spool->mutex);
  guint64 place = spool->end;
  spool->end += size_bytes;
  g_mutex_unlock (&spool->mutex);
  return place;
}

gboolean
varve_spool_write (VarveSpool *spool, guint64 place, const void *data, gsize size_bytes, GError **error)
{
  const guint8 *next = data;
  while (size_bytes > 0)
    {
      ssize_t written = pwrite (spool->fd, next, size_bytes, (off_t)place);
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return varve_set_errno (error, errno, "writing a temporary file in '%s' (TMPDIR)", spool->folder);
      next += written;
      place += (guint64)written;
      size_bytes -= (gsize)written;
    }
  return TRUE;
}

void
varve_spool_forget (VarveSpool *spool, guint64 place, guint64 size_bytes)
{
  if (size_bytes >= HOLE_MIN_BYTES)
    fallocate (spool->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)place, (off_t)size_bytes); /* no harm where it cannot */
}

/* The stream: the least that GInputStream asks for. */

#define VARVE_TYPE_SPOOL_STREAM (varve_spool_stream_get_type ())
G_DECLARE_FINAL_TYPE (VarveSpoolStream, varve_spool_stream, VARVE, SPOOL_STREAM, GInputStream)

struct _VarveSpoolStream {
  GInputStream parent_instance;
  VarveSpool *spool;
  guint64 place, left;
};

G_DEFINE_FINAL_TYPE (VarveSpoolStream, varve_spool_stream, G_TYPE_INPUT_STREAM)

static gssize
stream_read (GInputStream *stream, void *data, gsize size_bytes, GCancellable *cancellable, GError **error)
{
  VarveSpoolStream *self = VARVE_SPOOL_STREAM (stream);
  ssize_t n;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  do
    n = pread (self->spool->fd, data, (gsize)MIN (size_bytes, self->left), (off_t)self->place);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      varve_set_errno (error, errno, "reading a temporary file in '%s' (TMPDIR)", self->spool->folder);
      return -1;
    }
  self->place += (guint64)n;
  self->left -= (guint64)n;
  return n;
}

static void
varve_spool_stream_class_init (VarveSpoolStreamClass *class)
{
  G_INPUT_STREAM_CLASS (class)->read_fn = stream_read;
}

static void
varve_spool_stream_init (VarveSpoolStream *self)
{
}

GInputStream *
varve_spool_open (VarveSpool *spool, guint64 place, guint64 size_bytes)
{
  VarveSpoolStream *stream = g_object_new (VARVE_TYPE_SPOOL_STREAM, NULL);
  stream->spool = spool;
  stream->place = place;
  stream->left = size_bytes;
  return G_INPUT_STREAM (stream);
}
