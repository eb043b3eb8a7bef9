/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/frame.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"

/* A few kB, written once a build. */
enum { LEVEL = 19 };

GBytes *
varve_frame_compress (GBytes *data, GError **error)
{
  gsize size_bytes, bound;
  const void *bytes = g_bytes_get_data (data, &size_bytes);
  bound = ZSTD_compressBound (size_bytes);
  g_autofree guint8 *frame = g_malloc (bound);
  gsize written = ZSTD_compress (frame, bound, bytes, size_bytes, LEVEL);
  if (!ZSTD_isError (written))
    return g_bytes_new_take (g_steal_pointer (&frame), written);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "zstd: %s", ZSTD_getErrorName (written));
  return NULL;
}

GBytes *
varve_frame_decompress (GBytes *frame, gsize max_bytes, GError **error)
{
  gsize frame_bytes;
  const void *bytes = g_bytes_get_data (frame, &frame_bytes);
  unsigned long long size_bytes = ZSTD_getFrameContentSize (bytes, frame_bytes);
  if (size_bytes == ZSTD_CONTENTSIZE_ERROR || size_bytes == ZSTD_CONTENTSIZE_UNKNOWN
      || ZSTD_findFrameCompressedSize (bytes, frame_bytes) != frame_bytes)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not exactly one zstd frame with a declared size");
      return NULL;
    }
  if (size_bytes > max_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "decompresses to %llu bytes: the limit is %" G_GSIZE_FORMAT,
                   size_bytes, max_bytes);
      return NULL;
    }
  g_autofree guint8 *data = g_malloc (MAX (size_bytes, 1));
  gsize read = ZSTD_decompress (data, size_bytes, bytes, frame_bytes);
  if (!ZSTD_isError (read) && read == size_bytes)
    return g_bytes_new_take (g_steal_pointer (&data), size_bytes);
  gboolean is_memory = ZSTD_getErrorCode (read) == ZSTD_error_memory_allocation;
  g_set_error (error, VARVE_ERROR, is_memory ? VARVE_ERROR_IO : VARVE_ERROR_CORRUPT, "zstd: %s",
               ZSTD_isError (read) ? ZSTD_getErrorName (read) : "shorter than declared");
  return NULL;
}
