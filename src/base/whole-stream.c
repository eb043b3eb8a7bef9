/* SPDX-License-Identifier: Apache-2.0 */
#include "base/whole-stream.h"

#include "base/error.h"

GBytes *
varve_whole_stream_read (GInputStream *stream, gsize max_bytes, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (max_bytes + 1);
  gsize n;
  if (!g_input_stream_read_all (stream, bytes, max_bytes + 1, &n, cancellable, error))
    return NULL;
  if (n <= max_bytes)
    return g_bytes_new (bytes, n);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than %" G_GSIZE_FORMAT " bytes", max_bytes);
  return NULL;
}
