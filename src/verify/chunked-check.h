/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "emit/decompress.h"
#include "oci/descriptor.h"

/* Checks that a layer of zstd:chunked is the same to clients that fetch parts of it, which read its table of contents,
 * as to others, which read its tar. One pass: the blob is read once, by a decompressor that is watched.
 *
 * Findings: errors "chunked.annotations", "chunked.toc" (unreadable, or not the tar's entries), "chunked.content" (a
 * digest or a place in the blob), "chunked.tar-split" (does not give the tar); note "chunked.whole" (clients fetch the
 * whole layer: no authenticated tar-split data, or a table of contents that is too large). */
typedef struct _VarveChunkedCheck VarveChunkedCheck;

/* NULL where the layer is of another kind, or has annotations that cannot be read, which is a finding. Watches
 * @decompressor; both and @findings outlive it. */
VarveChunkedCheck *varve_chunked_check_new (const VarveDescriptor *layer, VarveDecompressor *decompressor,
                                            VarveFindings *findings, const char *place);
void varve_chunked_check_free (VarveChunkedCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveChunkedCheck, varve_chunked_check_free)

/* All bytes of the tar, in order, each right after the decompressor gave it. */
void varve_chunked_check_feed (VarveChunkedCheck *check, const void *bytes, gsize size_bytes);
/* After the whole blob. */
void varve_chunked_check_finish (VarveChunkedCheck *check);
