/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Where the content of a file is cut into chunks, so that a client that has most of a file fetches only the rest: after
 * a byte where a rolling sum of the last 64 bytes has 16 bits set, as in containers/storage, but with a smallest and a
 * largest chunk, and not in small files, because each chunk costs a frame and an entry. Clients take any boundaries. */

#define VARVE_CHUNK_WINDOW_BYTES 64
#define VARVE_CHUNK_MIN_BYTES (32u << 10)
#define VARVE_CHUNK_MAX_BYTES (512u << 10)
/* Smaller files are one chunk. */
#define VARVE_CHUNK_FILE_MIN_BYTES (128u << 10)

typedef struct {
  guint32 sum, sum_of_sums;
  guint8 window[VARVE_CHUNK_WINDOW_BYTES];
  guint at;
  gsize chunk_bytes; /* of this chunk so far */
  gboolean is_whole; /* the file is one chunk */
} VarveChunkCutter;

void varve_chunk_cutter_begin (VarveChunkCutter *cutter, guint64 file_bytes);
/* Returns how many of the next bytes are of this chunk; *@out_ends tells whether they are its last ones. */
gsize varve_chunk_cutter_next (VarveChunkCutter *cutter, const guint8 *bytes, gsize size_bytes, gboolean *out_ends);
