/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"
#include "base/json.h"
#include "emit/tar-read.h"

/* Entries of the table of contents of zstd:chunked: containers/storage, pkg/chunked/internal/minimal/compression.go,
 * FileMetadata. */

/* A piece of a file's content: one frame. */
typedef struct {
  guint64 offset;       /* of the frame in the blob */
  guint64 chunk_offset; /* in the file */
  guint64 size_bytes;   /* of the content */
  VarveDigest digest;   /* of the content */
} VarveTocChunk;

/* What the tar says of an entry. Members without a value are left out, as in the original. */
json_object *varve_toc_entry_new (const VarveTarReadEntry *entry);
/* Adds where the content is; @chunks are VarveTocChunk, at least one. */
void varve_toc_entry_add_content (json_object *entry, const VarveDigest *digest, const GArray *chunks,
                                  guint64 end_offset);
/* The entry of another chunk than the first. */
json_object *varve_toc_chunk_new (const char *name, const VarveTocChunk *chunk);
