/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/blobs.h"

#include "base/error.h"

enum { PIECE_BYTES = 256 * 1024 };

void
varve_blobs_free (VarveBlobs *blobs)
{
  blobs->free (blobs);
}

GInputStream *
varve_blobs_open (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  return blobs->open_blob (blobs, descriptor, cancellable, error);
}

GBytes *
varve_blobs_load_index (VarveBlobs *blobs, GError **error)
{
  return blobs->load_index (blobs, error);
}

static gboolean
check_end (const VarveDescriptor *descriptor, guint64 size_bytes, const VarveDigest *digest, GError **error)
{
  if (size_bytes != descriptor->size_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "size %" G_GUINT64_FORMAT " bytes%s: expected %" G_GUINT64_FORMAT, size_bytes,
                   size_bytes > descriptor->size_bytes ? " or more" : "", descriptor->size_bytes);
      return FALSE;
    }
  if (varve_digest_compare (digest, &descriptor->digest) == 0)
    return TRUE;
  g_autofree char *found = varve_digest_to_string (digest);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "content has the digest '%s'", found);
  return FALSE;
}

static gboolean
stream_checked (GInputStream *stream, const VarveDescriptor *descriptor, VarveBlobFunc func, gpointer user_data,
                GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  g_autoptr (VarveHash) hash = varve_hash_new ();
  guint64 size_bytes = 0;
  for (;;)
    {
      gssize n = g_input_stream_read (stream, piece, PIECE_BYTES, cancellable, error);
      if (n < 0)
        return FALSE;
      size_bytes += (guint64)n;
      if (n == 0 || size_bytes > descriptor->size_bytes)
        break;
      varve_hash_update (hash, piece, (gsize)n);
      if (func != NULL && !func (piece, (gsize)n, user_data, error))
        return FALSE;
    }
  VarveDigest digest = varve_hash_finish (hash);
  return check_end (descriptor, size_bytes, &digest, error);
}

gboolean
varve_blobs_check_stream (GInputStream *stream, const VarveDescriptor *descriptor, GCancellable *cancellable,
                          GError **error)
{
  return stream_checked (stream, descriptor, NULL, NULL, cancellable, error);
}

gboolean
varve_blobs_stream (VarveBlobs *blobs, const VarveDescriptor *descriptor, VarveBlobFunc func, gpointer user_data,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = varve_blobs_open (blobs, descriptor, cancellable, error);
  if (stream == NULL)
    return FALSE;
  if (stream_checked (stream, descriptor, func, user_data, cancellable, error))
    return TRUE;
  g_autofree char *digest = varve_digest_to_string (&descriptor->digest);
  g_prefix_error (error, "blob '%s': ", digest);
  return FALSE;
}

static gboolean
append_piece (const void *data, gsize size_bytes, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint)size_bytes);
  return TRUE;
}

GBytes *
varve_blobs_load (VarveBlobs *blobs, const VarveDescriptor *descriptor, gsize max_bytes, GError **error)
{
  if (descriptor->size_bytes > max_bytes)
    {
      g_autofree char *digest = varve_digest_to_string (&descriptor->digest);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "blob '%s' has %" G_GUINT64_FORMAT " bytes: the limit is %" G_GSIZE_FORMAT, digest,
                   descriptor->size_bytes, max_bytes);
      return NULL;
    }
  g_autoptr (GByteArray) content = g_byte_array_new ();
  if (!varve_blobs_stream (blobs, descriptor, append_piece, content, NULL, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&content));
}
