/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/sink.h"
#include "emit/chunked-index.h"

/* Compresses a tar as zstd:chunked: a zstd frame for the headers before each file and for each chunk of its content,
 * then, in skippable frames, a table of contents, which tells the digest and the place of each chunk, tar-split data,
 * from which a client that has the contents rebuilds the tar, and a footer. Any decoder of zstd reads it as the tar.
 *
 * Format: containers/storage, pkg/chunked/internal/minimal/compression.go and pkg/chunked/compressor/compressor.go;
 * github.com/vbatts/tar-split. The bytes depend on the tar, the level and the version of libzstd. */
typedef struct _VarveChunkedWriter VarveChunkedWriter;

/* @level: zstd's; @out outlives the writer. */
VarveChunkedWriter *varve_chunked_writer_new (int level, const VarveSink *out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_chunked_writer_free (VarveChunkedWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveChunkedWriter, varve_chunked_writer_free)
/* Takes the tar. UNSUPPORTED where the format has no place for an entry: see emit/tar-splitter.h. */
gboolean varve_chunked_writer_write (VarveChunkedWriter *writer, const void *bytes, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_chunked_writer_finish (VarveChunkedWriter *writer, VarveChunkedIndex *out_index, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
