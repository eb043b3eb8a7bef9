/* SPDX-License-Identifier: Apache-2.0 */
/* A stream that resumes: a new connection skips the bytes that were already read. */
#include "skopeo/proxied-stream.h"

#include <unistd.h>

#include "base/error.h"
#include "skopeo/skopeo-message.h"

enum { SKIP_BYTES = 256 * 1024 };

#define VARVE_TYPE_PROXIED_STREAM (varve_proxied_stream_get_type ())
G_DECLARE_FINAL_TYPE (VarveProxiedStream, varve_proxied_stream, VARVE, PROXIED_STREAM, GInputStream)

struct _VarveProxiedStream {
  GInputStream parent_instance;
  VarveProxyPool *pool;
  VarveProxy *proxy; /* NULL at the end and after a failure */
  int fd;
  char *digest;
  guint64 size_bytes, done_bytes;
  guint n_failures;
};

G_DEFINE_TYPE (VarveProxiedStream, varve_proxied_stream, G_TYPE_INPUT_STREAM)

static void
stream_disconnect (VarveProxiedStream *stream)
{
  if (stream->fd >= 0)
    close (stream->fd);
  stream->fd = -1;
  if (stream->proxy != NULL)
    varve_proxy_pool_discard (stream->pool, stream->proxy);
  stream->proxy = NULL;
}

static gboolean
stream_connect (VarveProxiedStream *stream, GCancellable *cancellable, GError **error)
{
  stream->proxy = varve_proxy_pool_take (stream->pool, cancellable, error);
  if (stream->proxy == NULL)
    return FALSE;
  stream->fd = varve_proxy_start_blob (stream->proxy, stream->digest, stream->size_bytes, cancellable, error);
  if (stream->fd < 0)
    stream_disconnect (stream);
  return stream->fd >= 0;
}

/* Reads once. At the end of the pipe asks whether the blob was complete; 0 means that it was. */
static gssize
stream_read_once (VarveProxiedStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  gssize n = varve_proxy_read_pipe (stream->fd, buffer, count, cancellable, error);
  if (n != 0)
    return n;
  close (stream->fd);
  stream->fd = -1;
  return varve_proxy_finish_blob (stream->proxy, cancellable, error) ? 0 : -1;
}

static gboolean
stream_skip (VarveProxiedStream *stream, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *piece = g_malloc (SKIP_BYTES);
  for (guint64 left = stream->done_bytes; left > 0;)
    {
      gssize n = stream_read_once (stream, piece, MIN (left, SKIP_BYTES), cancellable, error);
      if (n == 0)
        g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                     "the new connection ended after %" G_GUINT64_FORMAT " bytes: expected %" G_GUINT64_FORMAT,
                     stream->done_bytes - left, stream->done_bytes);
      if (n <= 0)
        return FALSE;
      left -= (guint64)n;
    }
  return TRUE;
}

/* A new connection, at the byte where the last one failed with @failure, which is taken. */
static gboolean
stream_reconnect (VarveProxiedStream *stream, GError *failure, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      stream_disconnect (stream);
      if (!varve_skopeo_may_retry (failure))
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (!varve_access_wait (varve_proxy_pool_access (stream->pool), stream->n_failures++, failure, cancellable,
                              error))
        return FALSE;
      failure = NULL;
      if (stream_connect (stream, cancellable, &failure) && stream_skip (stream, cancellable, &failure))
        return TRUE;
    }
}

static gboolean
stream_finish (VarveProxiedStream *stream, GError **error)
{
  varve_proxy_pool_give_back (stream->pool, g_steal_pointer (&stream->proxy));
  if (stream->done_bytes == stream->size_bytes)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "found %" G_GUINT64_FORMAT " bytes: expected %" G_GUINT64_FORMAT, stream->done_bytes,
               stream->size_bytes);
  return FALSE;
}

static gssize
stream_read_piece (VarveProxiedStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      GError *failure = NULL;
      gssize n = stream_read_once (stream, buffer, count, cancellable, &failure);
      if (n == 0)
        return stream_finish (stream, error) ? 0 : -1;
      if (n < 0 && !stream_reconnect (stream, failure, cancellable, error))
        return -1;
      if (n < 0)
        continue;
      stream->done_bytes += (guint64)n;
      if (stream->done_bytes <= stream->size_bytes)
        return n;
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "found more than the expected %" G_GUINT64_FORMAT " bytes",
                   stream->size_bytes);
      return -1;
    }
}

static gssize
stream_read (GInputStream *base, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  VarveProxiedStream *stream = VARVE_PROXIED_STREAM (base);
  if (stream->proxy == NULL)
    return 0;
  gssize n = stream_read_piece (stream, buffer, count, cancellable, error);
  if (n < 0)
    {
      stream_disconnect (stream);
      g_prefix_error (error, "blob '%s': ", stream->digest);
    }
  return n;
}

static void
stream_finalize (GObject *object)
{
  VarveProxiedStream *stream = VARVE_PROXIED_STREAM (object);
  stream_disconnect (stream);
  varve_proxy_pool_unref (stream->pool);
  g_free (stream->digest);
  G_OBJECT_CLASS (varve_proxied_stream_parent_class)->finalize (object);
}

static void
varve_proxied_stream_class_init (VarveProxiedStreamClass *class)
{
  G_OBJECT_CLASS (class)->finalize = stream_finalize;
  G_INPUT_STREAM_CLASS (class)->read_fn = stream_read;
}

static void
varve_proxied_stream_init (VarveProxiedStream *stream)
{
  stream->fd = -1;
}

GInputStream *
varve_proxied_stream_new (VarveProxyPool *pool, const VarveDescriptor *descriptor, GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (VarveProxiedStream) stream = g_object_new (VARVE_TYPE_PROXIED_STREAM, NULL);
  stream->pool = varve_proxy_pool_ref (pool);
  stream->digest = varve_digest_to_string (&descriptor->digest);
  stream->size_bytes = descriptor->size_bytes;
  GError *failure = NULL;
  if (stream_connect (stream, cancellable, &failure) || stream_reconnect (stream, failure, cancellable, error))
    return G_INPUT_STREAM (g_steal_pointer (&stream));
  g_prefix_error (error, "blob '%s': ", stream->digest);
  return NULL;
}
