/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/descriptor.h"

/* Where in a blob of zstd:chunked the table of contents and the tar-split data are: the annotations
 * "io.github.containers.zstd-chunked.…" of its descriptor (containers/storage,
 * pkg/chunked/internal/minimal/compression.go). */

typedef struct {
  guint64 offset, size_bytes; /* in the blob, compressed, without the header of its skippable frame */
  guint64 raw_bytes;          /* decompressed */
} VarveChunkedPart;

typedef struct {
  VarveDigest toc_digest; /* of the compressed bytes */
  VarveChunkedPart toc;
  VarveChunkedPart tar_split; /* all 0 where a foreign blob has none */
} VarveChunkedIndex;

/* Larger tables of contents make clients fetch the whole blob: containers/storage, maxTocSize. */
#define VARVE_CHUNKED_TOC_MAX_BYTES (150u << 20)

void varve_chunked_index_annotate (VarveDescriptor *descriptor, const VarveChunkedIndex *index);
/* Makes these annotations those of @from, of which there may be none. */
void varve_chunked_index_copy (VarveDescriptor *to, const VarveDescriptor *from);
/* Whether the descriptor says that its blob has a table of contents. */
gboolean varve_chunked_index_is_declared (const VarveDescriptor *descriptor);
/* CORRUPT where the annotations are incomplete, malformed, or name places outside of the blob. */
gboolean varve_chunked_index_read (const VarveDescriptor *descriptor, VarveChunkedIndex *out_index, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
