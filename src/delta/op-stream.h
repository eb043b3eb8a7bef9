/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/sink.h"

/* The zstd stream of a delta's ops, after eight bytes of magic. */

#define VARVE_OP_MAGIC_BYTES 8
/* Existing readers reject a larger window. */
#define VARVE_OP_WINDOW_LOG_MAX 27

/* Compresses to @out, which outlives it. @raw_bytes, an estimate of the input, decides only the window. */
typedef struct _VarveOpCompressor VarveOpCompressor;

VarveOpCompressor *varve_op_compressor_new (const char *magic, int level, guint64 raw_bytes, const VarveSink *out,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_op_compressor_free (VarveOpCompressor *compressor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOpCompressor, varve_op_compressor_free)
gboolean varve_op_compressor_write (VarveOpCompressor *compressor, const void *data, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_op_compressor_finish (VarveOpCompressor *compressor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The compressor as a sink; belongs to it. */
const VarveSink *varve_op_compressor_sink (VarveOpCompressor *compressor);

/* Reads such a stream from @blob, and keeps a reference to it. @out_magic is set to the first eight bytes; NULL for a
 * stream without magic. */
typedef struct _VarveOpDecompressor VarveOpDecompressor;

VarveOpDecompressor *varve_op_decompressor_new (GInputStream *blob, char out_magic[VARVE_OP_MAGIC_BYTES],
                                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_op_decompressor_free (VarveOpDecompressor *decompressor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOpDecompressor, varve_op_decompressor_free)
/* The next bytes, valid until the next call; none at the end. CORRUPT for a stream that ends within a frame. */
gboolean varve_op_decompressor_next (VarveOpDecompressor *decompressor, const guint8 **out_data, gsize *out_bytes,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
