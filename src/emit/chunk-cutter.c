/* SPDX-License-Identifier: Apache-2.0 */
/* The sum is bup's and Perkeep's, with the constants of containers/storage, pkg/chunked/compressor/rollsum.go. */
#include "emit/chunk-cutter.h"

#include <string.h>

enum { CHAR_OFFSET = 31, SPLIT_MASK = (1 << 16) - 1 };
G_STATIC_ASSERT (VARVE_CHUNK_FILE_MIN_BYTES <= VARVE_CHUNK_MAX_BYTES);

void
varve_chunk_cutter_begin (VarveChunkCutter *cutter, guint64 file_bytes)
{
  *cutter = (VarveChunkCutter){
    .sum = VARVE_CHUNK_WINDOW_BYTES * CHAR_OFFSET,
    .sum_of_sums = VARVE_CHUNK_WINDOW_BYTES * (VARVE_CHUNK_WINDOW_BYTES - 1) * CHAR_OFFSET,
    .is_whole = file_bytes < VARVE_CHUNK_FILE_MIN_BYTES,
  };
}

static inline void
roll (VarveChunkCutter *cutter, guint8 byte)
{
  guint32 drop = cutter->window[cutter->at];
  cutter->sum += byte - drop;
  cutter->sum_of_sums += cutter->sum - VARVE_CHUNK_WINDOW_BYTES * (drop + CHAR_OFFSET);
  cutter->window[cutter->at] = byte;
  cutter->at = (cutter->at + 1) % VARVE_CHUNK_WINDOW_BYTES;
}

gsize
varve_chunk_cutter_next (VarveChunkCutter *cutter, const guint8 *bytes, gsize size_bytes, gboolean *out_ends)
{
  *out_ends = FALSE;
  if (cutter->is_whole)
    return size_bytes;
  for (gsize i = 0; i < size_bytes; i++)
    {
      roll (cutter, bytes[i]);
      cutter->chunk_bytes++;
      gboolean is_split = (cutter->sum_of_sums & SPLIT_MASK) == SPLIT_MASK;
      if ((is_split && cutter->chunk_bytes >= VARVE_CHUNK_MIN_BYTES) || cutter->chunk_bytes == VARVE_CHUNK_MAX_BYTES)
        {
          cutter->chunk_bytes = 0;
          *out_ends = TRUE;
          return i + 1;
        }
    }
  return size_bytes;
}
