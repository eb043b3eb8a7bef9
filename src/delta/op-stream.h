#pragma once

#include <gio/gio.h>

#include "base/sink.h"

/* The zstd stream that carries the ops of a delta, after eight bytes of magic. */

#define VARVE_OP_MAGIC_BYTES 8
/* Readers of the field refuse a larger window. */
#define VARVE_OP_WINDOW_LOG_MAX 27

/* Compresses to @out, which outlives it. @raw_bytes, about what will be written, only decides the window. */
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

/* Reads such a stream from @blob, which it keeps a reference to. The first eight bytes are in @out_magic; NULL where
 * there are none. */
typedef struct _VarveOpDecompressor VarveOpDecompressor;

VarveOpDecompressor *varve_op_decompressor_new (GInputStream *blob, char out_magic[VARVE_OP_MAGIC_BYTES],
                                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_op_decompressor_free (VarveOpDecompressor *decompressor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOpDecompressor, varve_op_decompressor_free)
/* The next bytes, valid until the next call; none at the end. A stream that ends within a frame is CORRUPT. */
gboolean varve_op_decompressor_next (VarveOpDecompressor *decompressor, const guint8 **out_data, gsize *out_bytes,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
