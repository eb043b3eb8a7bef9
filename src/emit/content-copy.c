/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/content-copy.h"

#include <errno.h>
#include <unistd.h>

#include "base/error.h"
#include "emit/tar.h"
#include "model/content-checksum.h"

enum { CONTENT_BUFFER_BYTES = 1 << 18 };

struct _VarveContentCopy {
  VarveSource *source;
  GCancellable *cancellable;
  VarveHash *hash;
  guint8 *buffer;
};

VarveContentCopy *
varve_content_copy_new (VarveSource *source, GCancellable *cancellable)
{
  VarveContentCopy *copy = g_new0 (VarveContentCopy, 1);
  *copy = (VarveContentCopy){
    .source = source,
    .cancellable = cancellable,
    .hash = varve_hash_new (),
    .buffer = g_malloc (CONTENT_BUFFER_BYTES),
  };
  return copy;
}

void
varve_content_copy_free (VarveContentCopy *copy)
{
  varve_hash_free (copy->hash);
  g_free (copy->buffer);
  g_free (copy);
}

static gboolean
check_content (const VarveObject *object, guint64 copied, const VarveDigest *actual, GError **error)
{
  if (copied != object->size_bytes)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                 "the content ends after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes", copied,
                 object->size_bytes);
  else if (varve_digest_compare (actual, &object->checksum) != 0)
    {
      g_autofree char *hex = varve_digest_to_hex (actual);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "damaged: the content has the checksum %s", hex);
    }
  else
    return TRUE;
  return FALSE;
}

/* An object's content: a plain file if the source has one, else a stream. */
typedef struct {
  int fd;
  GInputStream *stream;
} Content;

static gboolean
content_open (VarveSource *source, const VarveObject *object, Content *content, GError **error)
{
  GError *failure = NULL;
  *content = (Content){ .fd = -1 };
  if (source->open_content_fd != NULL)
    content->fd = source->open_content_fd (source, &object->checksum, &failure);
  if (content->fd < 0 && failure == NULL)
    content->stream = source->open_content (source, &object->checksum, NULL, &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

/* Without a cancellable: a stream would poll an eventfd for it at each call. */
static gssize
content_read (Content *content, guint8 *buffer, gsize size_bytes, GError **error)
{
  if (content->stream != NULL)
    return g_input_stream_read (content->stream, buffer, size_bytes, NULL, error);
  gssize n;
  do
    n = read (content->fd, buffer, size_bytes);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    varve_set_errno (error, errno, "reading the content");
  return n;
}

static void
content_close (Content *content)
{
  g_clear_object (&content->stream);
  if (content->fd >= 0)
    close (content->fd);
}

/* Reads no more than the announced size; the checksum covers exactly that. */
static gboolean
copy_pieces (VarveContentCopy *copy, const VarveObject *object, Content *content, VarveSink *sink, guint64 *out_copied,
             GError **error)
{
  while (*out_copied < object->size_bytes)
    {
      gsize size_bytes = (gsize)MIN (object->size_bytes - *out_copied, CONTENT_BUFFER_BYTES);
      guint8 *borrowed = sink->borrow != NULL ? sink->borrow (sink->data, size_bytes) : NULL;
      guint8 *buffer = borrowed != NULL ? borrowed : copy->buffer;
      gssize n = content_read (content, buffer, size_bytes, error);
      if (n <= 0)
        return n == 0;
      *out_copied += (guint64)n;
      varve_hash_update (copy->hash, buffer, (gsize)n);
      if (g_cancellable_set_error_if_cancelled (copy->cancellable, error)
          || !sink->write (sink->data, buffer, (gsize)n, error))
        return FALSE;
    }
  /* A decoded stream reports damage at its end only when that is read. */
  return content->stream == NULL || content_read (content, copy->buffer, CONTENT_BUFFER_BYTES, error) >= 0;
}

static gboolean
copy_stream (VarveContentCopy *copy, const VarveObject *object, VarveSink *sink, guint64 *out_copied, GError **error)
{
  Content content;
  if (!content_open (copy->source, object, &content, error))
    return FALSE;
  gboolean copied = copy_pieces (copy, object, &content, sink, out_copied, error);
  content_close (&content);
  return copied;
}

/* Checks the object's checksum, since every host would reject a damaged one. */
gboolean
varve_content_copy_write (VarveContentCopy *copy, const VarveObject *object, VarveSink *sink, GError **error)
{
  VarveContentHeader header = {
    .uid = object->uid,
    .gid = object->gid,
    .mode = object->mode,
    .symlink_target = object->symlink_target,
    .xattrs = object->xattrs,
  };
  guint64 copied = 0;
  varve_content_checksum_start (copy->hash, &header);
  if (object->symlink_target == NULL && !copy_stream (copy, object, sink, &copied, error))
    return FALSE;
  VarveDigest actual = varve_hash_finish (copy->hash);
  return check_content (object, copied, &actual, error) && varve_tar_write_padding (sink, object->size_bytes, error);
}
