/* SPDX-License-Identifier: Apache-2.0 */
/* delta/encoder-choice: which streams are encoded again, within limits. */
#include "delta/encoder-choice.h"

/* A kernel in xz, an initramfs in zstd with a module in gzip: pieces as of a unified kernel image. */
static VarveAnatomy *
anatomy_new (void)
{
  VarveAnatomy *anatomy = g_new0 (VarveAnatomy, 1);
  VarvePiece pieces[] = {
    { .kind = VARVE_PIECE_RAW, .content = { 0, 500 } },
    { .kind = VARVE_PIECE_SECTION, .content = { 500, 8000000 }, .end = 4 },
    { .kind = VARVE_PIECE_BEGIN,
      .content = { 500, 8000000 },
      .end = 4,
      .plain_bytes = 60000000,
      .recipe = g_strdup ("xz;version=5;threaded=0;block=0;check=1;preset=6;extreme=0;dictionary=33554432;x86=1") },
    { .kind = VARVE_PIECE_RAW, .content = { 9000000, 60000000 } },
    { .kind = VARVE_PIECE_END },
    { .kind = VARVE_PIECE_BEGIN,
      .content = { 8000500, 60000000 },
      .end = 9,
      .plain_bytes = 200000000,
      .recipe = g_strdup ("zstd;version=1;level=3;workers=0;checksum=1;size=0") },
    { .kind = VARVE_PIECE_BEGIN,
      .content = { 100000000, 20000000 },
      .end = 8,
      .plain_bytes = 40000000,
      .recipe = g_strdup ("gzip;version=1;level=9") },
    { .kind = VARVE_PIECE_RAW, .content = { 200000000, 40000000 } },
    { .kind = VARVE_PIECE_END },
    { .kind = VARVE_PIECE_END },
  };
  anatomy->pieces = g_array_new (FALSE, FALSE, sizeof (VarvePiece));
  anatomy->strings = g_string_chunk_new (16);
  g_array_append_vals (anatomy->pieces, pieces, G_N_ELEMENTS (pieces));
  return anatomy;
}

/* The pieces of the streams that are used, in order: "2 5 ". */
static char *
used (double max_cpu_seconds, guint64 max_memory_bytes)
{
  g_autoptr (VarveAnatomy) anatomy = anatomy_new ();
  g_autoptr (GArray) streams = g_array_new (FALSE, FALSE, sizeof (VarveOuterStream));
  varve_outer_streams_append (streams, 7, anatomy);
  g_assert_cmpuint (streams->len, ==, 2);
  varve_outer_streams_choose (streams, max_cpu_seconds, max_memory_bytes);
  GString *text = g_string_new (NULL);
  for (guint32 piece = 0; piece < anatomy->pieces->len; piece++)
    for (guint i = 0; i < streams->len; i++)
      {
        const VarveOuterStream *stream = &g_array_index (streams, VarveOuterStream, i);
        g_assert_cmpuint (stream->file, ==, 7);
        if (stream->piece == piece && stream->is_used)
          g_string_append_printf (text, "%u ", piece);
      }
  return g_string_free (text, FALSE);
}

static void
test_choose (void)
{
  static const struct {
    double seconds;
    guint64 memory_bytes;
    const char *expected;
  } CASES[] = {
    { -1, 1 << 30, "2 5 " },     { 60, 1 << 30, "2 5 " },
    { 10, 1 << 30, "5 " },     /* the initramfs: more bytes in less time */
    { 4, 1 << 30, "" },        /* with what is inside it */
    { -1, 100 << 20, "5 " },   /* the kernel takes 388 MB */
    { -1, (6 + 3) << 20, "" }, /* two encoders are open at once */
    { -1, (6 + 4) << 20, "5 " },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *found = used (CASES[i].seconds, CASES[i].memory_bytes);
      g_test_message ("%u", i);
      g_assert_cmpstr (found, ==, CASES[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/encoder-choice/choose", test_choose);
  return g_test_run ();
}
