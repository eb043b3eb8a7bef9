/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 1952 around RFC 1951. Each block but the last ends with an empty stored block (Z_SYNC_FLUSH), which aligns it to
 * a byte. */
#include "emit/gzip-blocks.h"

#include <string.h>

#include <zlib.h>

#include "base/error.h"
#include "base/parallel.h"

enum {
  BLOCK_BYTES = 128 << 10,
  DICTIONARY_BYTES = 32 << 10, /* deflate's window */
  BLOCKS_PER_BATCH_MIN = 32,
  RAW_WINDOW_BITS = -15, /* deflate without the header of zlib or gzip */
  MEMORY_LEVEL = 8,
  TRAILER_BYTES = 8,
};

typedef struct {
  guint8 *out;
  gsize out_bytes;
  guint32 crc;
} Block;

struct _VarveGzipBlocks {
  int level;
  guint workers, n_batch;
  VarveSink out;
  guint8 *buffer; /* the dictionary, then the batch */
  gsize dictionary_bytes, filled;
  Block *batch;
  gsize block_bound;
  guint32 crc;
  guint64 raw_bytes;
  gboolean is_last, has_header;
};

VarveGzipBlocks *
varve_gzip_blocks_new (int level, guint workers, const VarveSink *out)
{
  VarveGzipBlocks *blocks = g_new0 (VarveGzipBlocks, 1);
  blocks->level = level;
  blocks->workers = workers;
  blocks->n_batch = MAX (BLOCKS_PER_BATCH_MIN, 4 * workers);
  blocks->out = *out;
  blocks->buffer = g_malloc (DICTIONARY_BYTES + (gsize)blocks->n_batch * BLOCK_BYTES);
  blocks->batch = g_new0 (Block, blocks->n_batch);
  blocks->block_bound = compressBound (BLOCK_BYTES) + 64; /* and the empty block at the end */
  for (guint i = 0; i < blocks->n_batch; i++)
    blocks->batch[i].out = g_malloc (blocks->block_bound);
  blocks->crc = (guint32)crc32 (0, NULL, 0);
  return blocks;
}

void
varve_gzip_blocks_free (VarveGzipBlocks *blocks)
{
  for (guint i = 0; i < blocks->n_batch; i++)
    g_free (blocks->batch[i].out);
  g_free (blocks->batch);
  g_free (blocks->buffer);
  g_free (blocks);
}

static guint
n_blocks (const VarveGzipBlocks *blocks)
{
  return (guint)((blocks->filled + BLOCK_BYTES - 1) / BLOCK_BYTES);
}

static gsize
block_bytes (const VarveGzipBlocks *blocks, gsize index)
{
  return MIN (blocks->filled - index * BLOCK_BYTES, (gsize)BLOCK_BYTES);
}

static gboolean
deflate_block (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  VarveGzipBlocks *blocks = data;
  Block *block = &blocks->batch[index];
  const guint8 *in = blocks->buffer + DICTIONARY_BYTES + index * BLOCK_BYTES;
  gsize dictionary_bytes = index > 0 ? DICTIONARY_BYTES : blocks->dictionary_bytes;
  gboolean is_end = blocks->is_last && index + 1 == n_blocks (blocks);
  z_stream stream = {
    .next_in = (Bytef *)in,
    .avail_in = (uInt)block_bytes (blocks, index),
    .next_out = block->out,
    .avail_out = (uInt)blocks->block_bound,
  };
  int status = deflateInit2 (&stream, blocks->level, Z_DEFLATED, RAW_WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
  if (status == Z_OK && dictionary_bytes > 0)
    status = deflateSetDictionary (&stream, in - dictionary_bytes, (uInt)dictionary_bytes);
  if (status == Z_OK)
    status = deflate (&stream, is_end ? Z_FINISH : Z_SYNC_FLUSH);
  block->out_bytes = blocks->block_bound - stream.avail_out;
  gboolean done = status == (is_end ? Z_STREAM_END : Z_OK) && stream.avail_in == 0 && stream.avail_out > 0;
  deflateEnd (&stream);
  block->crc = (guint32)crc32 (0, in, (uInt)block_bytes (blocks, index));
  if (!done)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "zlib: deflate failed (%d)", status);
  return done;
}

static gboolean
write_header (VarveGzipBlocks *blocks, GError **error)
{
  enum { BEST = 2, FASTEST = 4, UNKNOWN_OS = 255 };
  guint8 extra_flags = blocks->level == 9 ? BEST : 0;
  if (blocks->level == 1)
    extra_flags = FASTEST;
  guint8 header[] = { 0x1f, 0x8b, Z_DEFLATED, 0, 0, 0, 0, 0, extra_flags, UNKNOWN_OS };
  if (blocks->has_header)
    return TRUE;
  blocks->has_header = TRUE;
  return blocks->out.write (blocks->out.data, header, sizeof header, error);
}

static gboolean
write_batch (VarveGzipBlocks *blocks, GError **error)
{
  guint n = n_blocks (blocks);
  if (!write_header (blocks, error) || !varve_parallel_for (blocks->workers, n, deflate_block, blocks, NULL, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const Block *block = &blocks->batch[i];
      if (!blocks->out.write (blocks->out.data, block->out, block->out_bytes, error))
        return FALSE;
      blocks->crc = (guint32)crc32_combine (blocks->crc, block->crc, (z_off_t)block_bytes (blocks, i));
    }
  blocks->raw_bytes += blocks->filled;
  blocks->dictionary_bytes = MIN (blocks->filled, (gsize)DICTIONARY_BYTES);
  memcpy (blocks->buffer + DICTIONARY_BYTES - blocks->dictionary_bytes,
          blocks->buffer + DICTIONARY_BYTES + blocks->filled - blocks->dictionary_bytes, blocks->dictionary_bytes);
  blocks->filled = 0;
  return TRUE;
}

gboolean
varve_gzip_blocks_write (VarveGzipBlocks *blocks, const void *data, gsize size_bytes, GError **error)
{
  gsize batch_bytes = (gsize)blocks->n_batch * BLOCK_BYTES;
  for (const guint8 *next = data; size_bytes > 0;)
    {
      /* Only when more input follows: the last block ends differently. */
      if (blocks->filled == batch_bytes && !write_batch (blocks, error))
        return FALSE;
      gsize n = MIN (size_bytes, batch_bytes - blocks->filled);
      memcpy (blocks->buffer + DICTIONARY_BYTES + blocks->filled, next, n);
      blocks->filled += n;
      next += n;
      size_bytes -= n;
    }
  return TRUE;
}

/* What zlib makes of no input. */
static gboolean
write_empty (VarveGzipBlocks *blocks, GError **error)
{
  static const guint8 EMPTY[] = { 3, 0 };
  return write_header (blocks, error) && blocks->out.write (blocks->out.data, EMPTY, sizeof EMPTY, error);
}

gboolean
varve_gzip_blocks_finish (VarveGzipBlocks *blocks, GError **error)
{
  blocks->is_last = TRUE;
  gboolean done = blocks->filled > 0 ? write_batch (blocks, error) : write_empty (blocks, error);
  guint32 trailer[] = { GUINT32_TO_LE (blocks->crc), GUINT32_TO_LE ((guint32)blocks->raw_bytes) };
  G_STATIC_ASSERT (sizeof trailer == TRAILER_BYTES);
  return done && blocks->out.write (blocks->out.data, (const guint8 *)trailer, sizeof trailer, error);
}
