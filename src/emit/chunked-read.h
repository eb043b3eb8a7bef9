/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "emit/chunked-index.h"
#include "emit/chunked-toc.h"

/* Reads what follows the tar in a blob of zstd:chunked. All of it is outside data. */

/* An entry of the table of contents. */
typedef struct {
  const char *name; /* belongs to the JSON */
  gboolean is_chunk;
  gboolean is_file; /* regular */
  guint64 size_bytes;
  gboolean has_digest; /* of the content of a file */
  VarveDigest digest;
  guint64 offset, end_offset; /* of the frames; 0 where there are none */
  guint64 chunk_bytes, chunk_offset;
  gboolean has_chunk_digest;
  VarveDigest chunk_digest;
  gboolean is_hole; /* of zeros: clients do not fetch it */
} VarveTocEntry;

/* Decompresses what the index names. CORRUPT where the bytes lack their digest, LIMIT where they are larger than
 * clients take. *@out_tar_split, the digest of the tar-split data, is NULL where the table of contents has none; it
 * belongs to the JSON. */
json_object *varve_toc_read (GBytes *compressed, const VarveChunkedIndex *index, const char **out_tar_split,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Its entries. */
json_object *varve_toc_entries (json_object *toc);
gboolean varve_toc_entry_parse (json_object *json, VarveTocEntry *out_entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What the entry says of the file, not of its place in the blob, in the form of varve_toc_entry_new(): equal texts are
 * equal files. Times are whole seconds; access and change times, and device numbers, are left out. */
char *varve_toc_entry_facts (json_object *entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same of an entry of a tar. */
char *varve_toc_tar_facts (const VarveTarReadEntry *entry);
