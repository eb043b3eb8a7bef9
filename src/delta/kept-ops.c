/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/kept-ops.h"

#include "base/error.h"

enum {
  KEEP_LEVEL = 1, /* zstd level of ops in the spool */
  FAST_LEVEL = 3, /* zstd level of streams that hardly compress */
  DENSE_PERCENT = 70,
};

#define OPS_MAX_BYTES (8ull << 30)
#define RAW_MAX_BYTES (64ull << 30)

struct _VarveOpKeeper {
  VarveExtentFileWriter *kept;
  VarveOpCompressor *compressor;
  guint64 raw_bytes;
  VarveTardiffWriter *writer;
};

static gboolean
keeper_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  VarveOpKeeper *keeper = data;
  if (size_bytes > RAW_MAX_BYTES - keeper->raw_bytes)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the ops are larger than the limit of 64 GiB");
      return FALSE;
    }
  keeper->raw_bytes += size_bytes;
  return varve_op_compressor_write (keeper->compressor, bytes, size_bytes, error);
}

VarveOpKeeper *
varve_op_keeper_new (VarveExtentFile *spool, guint64 about_bytes, GError **error)
{
  g_autoptr (VarveOpKeeper) keeper = g_new0 (VarveOpKeeper, 1);
  keeper->kept = varve_extent_file_writer_new (spool, OPS_MAX_BYTES);
  keeper->compressor
      = varve_op_compressor_new (NULL, KEEP_LEVEL, about_bytes, varve_extent_file_writer_sink (keeper->kept), error);
  if (keeper->compressor == NULL)
    return NULL;
  VarveSink counted = { .write = keeper_write, .data = keeper };
  keeper->writer = varve_tardiff_writer_new (&counted);
  return g_steal_pointer (&keeper);
}

void
varve_op_keeper_free (VarveOpKeeper *keeper)
{
  g_clear_pointer (&keeper->writer, varve_tardiff_writer_free);
  g_clear_pointer (&keeper->compressor, varve_op_compressor_free);
  g_clear_pointer (&keeper->kept, varve_extent_file_writer_free);
  g_free (keeper);
}

VarveTardiffWriter *
varve_op_keeper_writer (VarveOpKeeper *keeper)
{
  return keeper->writer;
}

gboolean
varve_op_keeper_finish (VarveOpKeeper *keeper, VarveKeptOps *out_ops, GError **error)
{
  VarveKeptOps ops;
  if (!varve_tardiff_writer_finish (keeper->writer, error) || !varve_op_compressor_finish (keeper->compressor, error)
      || !varve_extent_file_writer_finish (keeper->kept, &ops.kept, error))
    return FALSE;
  ops.raw_bytes = keeper->raw_bytes;
  *out_ops = ops;
  return TRUE;
}

gboolean
varve_kept_ops_append (VarveExtentFile *spool, VarveExtent kept, VarveOpCompressor *out, GError **error)
{
  g_autoptr (GInputStream) stream = varve_extent_file_open (spool, kept);
  g_autoptr (VarveOpDecompressor) decompressor = varve_op_decompressor_new (stream, NULL, NULL, error);
  const guint8 *data;
  gsize n;
  do
    if (decompressor == NULL || !varve_op_decompressor_next (decompressor, &data, &n, error)
        || !varve_op_compressor_write (out, data, n, error))
      return FALSE;
  while (n > 0);
  return TRUE;
}

int
varve_kept_ops_level (guint64 raw_bytes, guint64 kept_bytes, int level)
{
  return kept_bytes > (4u << 20) && kept_bytes * 100 > raw_bytes * DENSE_PERCENT ? MIN (level, FAST_LEVEL) : level;
}
