/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The ops of a delta as a blob, and a sink that takes what they give. */

#include <stdlib.h>

#include "base/sink.h"
#include "delta/op-stream.h"
#include "delta/tardiff.h"

static gboolean
op_blob_append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

/* A sink's write() for output that nobody looks at. */
static gboolean
op_blob_swallow (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return TRUE;
}

/* Compresses @ops as an entry of our format or of tar-diff. */
static GByteArray *
op_blob_new (gboolean is_own, const uint8_t *ops, size_t size)
{
  GByteArray *blob = g_byte_array_new ();
  VarveSink keep = { .write = op_blob_append, .data = blob };
  g_autoptr (VarveOpCompressor) compressor
      = varve_op_compressor_new (is_own ? VARVE_TARDIFF_OWN_MAGIC : VARVE_TARDIFF_MAGIC, 1, size, &keep, NULL);
  if (!varve_op_compressor_write (compressor, ops, size, NULL) || !varve_op_compressor_finish (compressor, NULL))
    abort ();
  return blob;
}
