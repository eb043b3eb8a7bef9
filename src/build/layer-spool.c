#include "build/layer-spool.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

enum { PIECE_BYTES = 128 * 1024 };
static const guint64 TAR_MAX_BYTES = (guint64)1 << 40; /* as emit/decompress.c: far beyond any layer */

typedef struct {
  const VarveLayerSpool *spool;
  int fd;
  GCancellable *cancellable;
} Writer;

/* Not every file system knows files without a name. */
static int
open_named (const VarveLayerSpool *spool)
{
  g_autofree char *name = g_build_filename (spool->folder, ".varve-XXXXXX", NULL);
  int fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    unlink (name);
  return fd;
}

static int
open_file (const VarveLayerSpool *spool, GError **error)
{
  int fd = open (spool->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
    fd = open_named (spool);
  if (fd >= 0)
    return fd;
  int saved_errno = errno;
  g_autofree char *escaped = varve_escape (spool->folder);
  varve_set_errno (error, saved_errno, "putting a layer aside in '%s'", escaped);
  return -1;
}

static gboolean
write_all (int fd, const guint8 *data, gsize size_bytes, GError **error)
{
  while (size_bytes > 0)
    {
      gssize n = write (fd, data, size_bytes);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return varve_set_errno (error, errno, "putting a layer aside");
      data += n;
      size_bytes -= (gsize)n;
    }
  return TRUE;
}

static gboolean
write_piece (const void *data, gsize size_bytes, gpointer user_data, GError **error)
{
  Writer *writer = user_data;
  varve_observer_advance (writer->spool->observer, size_bytes);
  return write_all (writer->fd, data, size_bytes, error)
         && varve_rate_limit_wait (writer->spool->limit, size_bytes, writer->cancellable, error);
}

/* Takes @fd. */
static GInputStream *
stream_of (int fd, GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, TRUE);
  if (lseek (fd, 0, SEEK_SET) == 0)
    return g_steal_pointer (&stream);
  varve_set_errno (error, errno, "reading a layer that was put aside");
  return NULL;
}

GInputStream *
varve_layer_spool_blob (const VarveLayerSpool *spool, VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  Writer writer = { .spool = spool, .fd = open_file (spool, error), .cancellable = cancellable };
  if (writer.fd < 0)
    return NULL;
  if (varve_blobs_stream (blobs, descriptor, write_piece, &writer, cancellable, error))
    return stream_of (writer.fd, error);
  close (writer.fd);
  return NULL;
}

static gboolean
check_diff_id (const VarveDigest *expected, const VarveDigest *actual, GError **error)
{
  if (varve_digest_compare (expected, actual) == 0)
    return TRUE;
  g_autofree char *wanted = varve_digest_to_string (expected), *found = varve_digest_to_string (actual);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the tar has the digest %s: expected %s", found, wanted);
  return FALSE;
}

static gboolean
copy_tar (Writer *writer, GInputStream *tar, const VarveDigest *diff_id, GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  g_autoptr (VarveHash) hash = varve_hash_new ();
  guint64 size_bytes = 0;
  for (;;)
    {
      gssize n = g_input_stream_read (tar, piece, PIECE_BYTES, writer->cancellable, error);
      if (n < 0)
        return FALSE;
      if (n == 0)
        break;
      size_bytes += (guint64)n;
      if (size_bytes > TAR_MAX_BYTES)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the tar is larger than the limit of %" G_GUINT64_FORMAT " bytes", TAR_MAX_BYTES);
          return FALSE;
        }
      varve_hash_update (hash, piece, (gsize)n);
      if (!write_all (writer->fd, piece, (gsize)n, error))
        return FALSE;
    }
  VarveDigest actual = varve_hash_finish (hash);
  return check_diff_id (diff_id, &actual, error);
}

GInputStream *
varve_layer_spool_tar (const VarveLayerSpool *spool, GInputStream *tar, const VarveDigest *diff_id, GCancellable *cancellable, GError **error)
{
  Writer writer = { .spool = spool, .fd = open_file (spool, error), .cancellable = cancellable };
  if (writer.fd < 0)
    return NULL;
  if (copy_tar (&writer, tar, diff_id, error))
    return stream_of (writer.fd, error);
  close (writer.fd);
  return NULL;
}
