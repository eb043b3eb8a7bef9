/* SPDX-License-Identifier: Apache-2.0 */
/* emit/compress: what comes out goes back in, is one frame or member, and depends neither on workers nor on how it was
 * written. */
#include "emit/compress.h"

#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "emit/gzip-blocks.h"

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

/* Text that compresses about as a system does: words of a small vocabulary. */
static GByteArray *
sample (gsize size_bytes)
{
  GByteArray *text = g_byte_array_new ();
  guint32 state = 1;
  while (text->len < MIN (size_bytes, 1 << 20))
    {
      state = state * 1664525u + 1013904223u;
      g_autofree char *word = g_strdup_printf ("%x ", state >> 20);
      g_byte_array_append (text, (const guint8 *)word, (guint)strlen (word));
    }
  while (text->len < size_bytes) /* the rest repeats it with a change in each copy */
    {
      gsize n = MIN (size_bytes - text->len, 1 << 20);
      text->data[text->len % 4099] ^= 1;
      g_autofree guint8 *copy = g_memdup2 (text->data, n);
      g_byte_array_append (text, copy, (guint)n);
    }
  g_byte_array_set_size (text, (guint)size_bytes);
  return text;
}

static GByteArray *
squeeze (const VarveCompressOptions *options, const GByteArray *in, gsize piece_bytes)
{
  GByteArray *out = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = out };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveCompressor) compressor = varve_compressor_new (options, in->len, &sink, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < in->len; i += piece_bytes)
    {
      g_assert_true (varve_compressor_write (compressor, in->data + i, MIN (piece_bytes, in->len - i), &error));
      g_assert_no_error (error);
    }
  g_assert_true (varve_compressor_finish (compressor, &error));
  g_assert_no_error (error);
  return out;
}

static void
assert_zstd (const GByteArray *compressed, const GByteArray *original)
{
  g_assert_cmpuint (ZSTD_getFrameContentSize (compressed->data, compressed->len), ==, original->len);
  g_assert_cmpuint (ZSTD_findFrameCompressedSize (compressed->data, compressed->len), ==, compressed->len);
  g_autofree guint8 *back = g_malloc (original->len + 1);
  size_t size_bytes = ZSTD_decompress (back, original->len + 1, compressed->data, compressed->len);
  g_assert_false (ZSTD_isError (size_bytes));
  g_assert_cmpmem (back, size_bytes, original->data, original->len);
}

static void
assert_gzip (const GByteArray *compressed, const GByteArray *original)
{
  static const guint8 HEADER[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0 }; /* no name, no time */
  g_autofree guint8 *back = g_malloc (original->len + 1);
  z_stream stream
      = { .next_in = compressed->data, .avail_in = compressed->len, .next_out = back, .avail_out = original->len + 1 };
  g_assert_cmpmem (compressed->data, sizeof HEADER, HEADER, sizeof HEADER);
  g_assert_cmpint (inflateInit2 (&stream, 15 + 16), ==, Z_OK);
  g_assert_cmpint (inflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  g_assert_cmpuint (stream.avail_in, ==, 0); /* one member, and nothing behind it */
  g_assert_cmpmem (back, stream.total_out, original->data, original->len);
  inflateEnd (&stream);
}

static void
test_round_trip (void)
{
  static const gsize SIZES[] = { 0, 1, 1000, 3 << 20 };
  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++)
    {
      g_autoptr (GByteArray) in = sample (SIZES[i]);
      VarveCompressOptions zstd = VARVE_COMPRESS_OPTIONS_INIT, gzip = { VARVE_COMPRESSION_GZIP, 6, 1 },
                           none = { VARVE_COMPRESSION_NONE, 0, 1 };
      g_autoptr (GByteArray) as_zstd = squeeze (&zstd, in, 100000), as_gzip = squeeze (&gzip, in, 100000),
                             as_is = squeeze (&none, in, 100000);
      assert_zstd (as_zstd, in);
      assert_gzip (as_gzip, in);
      g_assert_cmpmem (as_is->data, as_is->len, in->data, in->len);
    }
}

static void
test_pieces_change_nothing (void)
{
  g_autoptr (GByteArray) in = sample (2 << 20);
  for (VarveCompression compression = VARVE_COMPRESSION_ZSTD; compression <= VARVE_COMPRESSION_NONE; compression++)
    {
      VarveCompressOptions options = { compression, 3, 1 };
      g_autoptr (GByteArray) whole = squeeze (&options, in, in->len), pieces = squeeze (&options, in, 511);
      g_assert_cmpmem (whole->data, whole->len, pieces->data, pieces->len);
    }
}

/* Levels that are compressed in one piece and levels that are not; the largest input that is, and one that is not. */
static void
test_whole_and_streamed (void)
{
  static const struct {
    gsize size_bytes;
    int level;
  } CASES[] = { { 1 << 20, 12 }, { 1 << 20, 13 }, { 1 << 27, 1 }, { (1 << 27) + 1, 1 } };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GByteArray) in = sample (CASES[i].size_bytes);
      VarveCompressOptions options = { VARVE_COMPRESSION_ZSTD, CASES[i].level, 1 };
      g_autoptr (GByteArray) out = squeeze (&options, in, 1 << 20);
      assert_zstd (out, in);
    }
}

/* What is put where the compressor says, in memory that other inputs were in before, gives the same as what is copied.
 */
static void
test_borrowed (void)
{
  g_autoptr (VarveArena) arena = varve_arena_new ();
  for (gsize size_bytes = 4 << 20; size_bytes > 1000; size_bytes /= 3)
    {
      g_autoptr (GByteArray) in = sample (size_bytes), out = g_byte_array_new ();
      VarveCompressOptions options = { VARVE_COMPRESSION_ZSTD, 3, 1, arena };
      VarveSink sink = { .write = append, .data = out };
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveCompressor) compressor = varve_compressor_new (&options, in->len, &sink, &error);
      for (gsize i = 0; i < in->len;)
        {
          gsize n = MIN (i % 2 == 0 ? 70001 : 511, in->len - i);
          guint8 *room = i % 2 == 0 ? varve_compressor_borrow (compressor, n) : NULL;
          if (room != NULL)
            memcpy (room, in->data + i, n);
          g_assert_true (varve_compressor_write (compressor, room != NULL ? room : in->data + i, n, &error));
          i += n;
        }
      g_assert_null (varve_compressor_borrow (compressor, 1));
      g_assert_false (varve_compressor_write (compressor, "x", 1, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      g_clear_error (&error);
      g_assert_true (varve_compressor_finish (compressor, &error));
      options.arena = NULL;
      g_autoptr (GByteArray) copied = squeeze (&options, in, 511);
      g_assert_cmpmem (out->data, out->len, copied->data, copied->len);
    }
}

static void
test_no_memory (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveArena) arena = varve_arena_new ();
  g_assert_null (varve_arena_reserve (arena, (gsize)1 << 50, &error)); /* beyond any address space */
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_clear_error (&error);
  g_assert_nonnull (varve_arena_reserve (arena, 1, &error));
}

static void
test_workers_change_nothing (void)
{
  g_autoptr (GByteArray) in = sample (VARVE_ZSTD_THREADED_MIN_BYTES + 12345);
  VarveCompressOptions one = { VARVE_COMPRESSION_ZSTD, 1, 1 }, five = { VARVE_COMPRESSION_ZSTD, 1, 5 };
  g_autoptr (GByteArray) by_one = squeeze (&one, in, 1 << 20), by_five = squeeze (&five, in, 333333);
  g_assert_cmpmem (by_one->data, by_one->len, by_five->data, by_five->len);
  assert_zstd (by_one, in);
}

/* Around the borders of blocks and batches, in pieces of any size: one member, the same for any number of workers. */
static void
test_gzip_blocks (void)
{
  static const gsize SIZES[]
      = { 0, 1, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, 4 << 20, (4 << 20) + 1, (9 << 20) + 777 };
  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++)
    {
      g_autoptr (GByteArray) in = sample (SIZES[i]), first = NULL;
      for (guint workers = 1; workers <= 9; workers += 4)
        {
          g_autoptr (GByteArray) out = g_byte_array_new ();
          VarveSink sink = { .write = append, .data = out };
          g_autoptr (VarveGzipBlocks) blocks = varve_gzip_blocks_new (6, workers, &sink);
          g_autoptr (GError) error = NULL;
          gsize piece_bytes = workers * 99991;
          for (gsize n = 0; n < in->len; n += piece_bytes)
            g_assert_true (varve_gzip_blocks_write (blocks, in->data + n, MIN (piece_bytes, in->len - n), &error));
          g_assert_true (varve_gzip_blocks_finish (blocks, &error));
          assert_gzip (out, in);
          if (first != NULL)
            g_assert_cmpmem (out->data, out->len, first->data, first->len);
          else
            first = g_steal_pointer (&out);
        }
    }
}

static void
test_gzip_threaded (void)
{
  g_autoptr (GByteArray) in = sample (VARVE_GZIP_THREADED_MIN_BYTES);
  VarveCompressOptions one = { VARVE_COMPRESSION_GZIP, 1, 1 }, five = { VARVE_COMPRESSION_GZIP, 1, 5 };
  g_autoptr (GByteArray) by_one = squeeze (&one, in, 1 << 20), by_five = squeeze (&five, in, 333333);
  g_assert_cmpmem (by_one->data, by_one->len, by_five->data, by_five->len);
  assert_gzip (by_one, in);
}

static void
test_names_and_levels (void)
{
  VarveCompression compression;
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_compression_from_string ("gzip", &compression, &error));
  g_assert_cmpint (compression, ==, VARVE_COMPRESSION_GZIP);
  g_assert_false (varve_compression_from_string ("lz4", &compression, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
  g_assert_false (varve_compression_check_level (VARVE_COMPRESSION_GZIP, 10, NULL));
  g_assert_false (varve_compression_check_level (VARVE_COMPRESSION_ZSTD, 0, NULL));
  g_assert_true (varve_compression_check_level (VARVE_COMPRESSION_ZSTD, 19, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compress/round-trip", test_round_trip);
  g_test_add_func ("/compress/pieces-change-nothing", test_pieces_change_nothing);
  g_test_add_func ("/compress/whole-and-streamed", test_whole_and_streamed);
  g_test_add_func ("/compress/borrowed", test_borrowed);
  g_test_add_func ("/compress/no-memory", test_no_memory);
  g_test_add_func ("/compress/workers-change-nothing", test_workers_change_nothing);
  g_test_add_func ("/compress/gzip-blocks", test_gzip_blocks);
  g_test_add_func ("/compress/gzip-threaded", test_gzip_threaded);
  g_test_add_func ("/compress/names-and-levels", test_names_and_levels);
  return g_test_run ();
}
