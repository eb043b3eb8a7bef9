/* SPDX-License-Identifier: Apache-2.0 */
/* delta/tardiff, delta/op-stream: the bytes of ops, and what the reader makes of them and of wrong ones. */
#include "delta/tardiff.h"

#include <string.h>

#include "base/error.h"

static gboolean
take (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

/* github.com/containers/tar-diff, file-format.md: op, size, data. */
static void
test_golden (void)
{
  static const guint8 EXPECTED[] = {
    0,  3,   'a', 'b', 'c',                        /* data, gathered from two writes */
    1,  5,   'u', 's', 'r', '/', 'x', 4,   200, 1, /* seek 200 */
    2,  172, 2,                                    /* copy 300 */
    3,  2,   1,   255,                             /* add */
    16, 5,   1,   128, 1,   172, 2,                /* decode 300 bytes at 128 */
    17, 10,  'x', 'z', ';', 'a', '=', '1', ';', 'b', '=', '2', 0,  1,  'z', 18, 0,  19,
    32, 200, 1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11, 12, 13,  14, 15, 16,
    17, 18,  19,  20,  21,  22,  23,  24,  25,  26,  27,  28,  29, 30, 31,  2,  1,
  };
  g_autoptr (GByteArray) ops = g_byte_array_new ();
  VarveSink sink = { .write = take, .data = ops };
  g_autoptr (VarveTardiffWriter) writer = varve_tardiff_writer_new (&sink);
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_tardiff_writer_data (writer, "ab", 2, &error));
  g_assert_true (varve_tardiff_writer_data (writer, "c", 1, &error));
  g_assert_true (varve_tardiff_writer_open (writer, "usr/x", &error));
  g_assert_true (varve_tardiff_writer_seek (writer, 200, &error));
  g_assert_true (varve_tardiff_writer_copy (writer, 100, &error));
  g_assert_true (varve_tardiff_writer_copy (writer, 200, &error)); /* one op */
  g_assert_cmpuint (varve_tardiff_writer_position (writer), ==, 500);
  g_assert_true (varve_tardiff_writer_seek (writer, 500, &error)); /* where it is already */
  g_assert_true (varve_tardiff_writer_add (writer, (const guint8 *)"\1\377", 2, &error));
  g_assert_true (varve_tardiff_writer_decode (writer, 1, 128, 300, &error));
  g_assert_true (varve_tardiff_writer_encode (writer, "xz;a=1;b=2", &error));
  g_assert_true (varve_tardiff_writer_data (writer, "z", 1, &error));
  g_assert_true (varve_tardiff_writer_end (writer, &error));
  VarveDigest diff_id = { { 200 } };
  for (guint8 i = 1; i < sizeof diff_id.bytes; i++)
    diff_id.bytes[i] = i;
  g_assert_true (varve_tardiff_writer_layer (writer, &diff_id, &error));
  g_assert_true (varve_tardiff_writer_seek (writer, 0, &error)); /* where it begins */
  g_assert_true (varve_tardiff_writer_copy (writer, 1, &error));
  g_assert_true (varve_tardiff_writer_finish (writer, &error));
  g_assert_cmpmem (ops->data, ops->len, EXPECTED, sizeof EXPECTED);
}

/* The ops, compressed, behind a magic. */
static GInputStream *
stream_of (const char *magic, const void *ops, gsize size_bytes)
{
  g_autoptr (GByteArray) blob = g_byte_array_new ();
  VarveSink sink = { .write = take, .data = blob };
  g_autoptr (VarveOpCompressor) compressor = varve_op_compressor_new (magic, 3, size_bytes, &sink, NULL);
  g_assert_true (varve_op_compressor_write (compressor, ops, size_bytes, NULL));
  g_assert_true (varve_op_compressor_finish (compressor, NULL));
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&blob));
  return g_memory_input_stream_new_from_bytes (bytes);
}

/* Reads to the end; gives the number of ops, and the error. */
static guint
read_all (const char *magic, const void *ops, gsize size_bytes, GError **error)
{
  g_autoptr (GInputStream) stream = stream_of (magic, ops, size_bytes);
  g_autoptr (VarveTardiffReader) reader = varve_tardiff_reader_new (stream, NULL, error);
  VarveOp op;
  guint n_ops = 0;
  const guint8 *data;
  gsize n = 1;
  while (reader != NULL && varve_tardiff_reader_next (reader, &op, error) == VARVE_OP_RESULT_OP)
    {
      n_ops++;
      do
        if (!varve_tardiff_reader_chunk (reader, 7, &data, &n, error))
          return n_ops;
      while (n > 0);
    }
  return n_ops;
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  static const guint8 OPS[] = { 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 'a', 2, 5, 3, 1, 0, 4, 0 };
  g_assert_cmpuint (read_all (VARVE_TARDIFF_MAGIC, OPS, sizeof OPS, &error), ==, 5);
  g_assert_no_error (error);
  g_assert_cmpuint (read_all (VARVE_TARDIFF_OWN_MAGIC, OPS, sizeof OPS, &error), ==, 5);
  g_assert_no_error (error);
  g_assert_cmpuint (read_all (VARVE_TARDIFF_MAGIC, OPS, 0, &error), ==, 0);
  g_assert_no_error (error);
}

static void
test_hostile (void)
{
  static const struct {
    const char *magic, *ops;
    gsize size_bytes;
    VarveError code;
  } CASES[] = {
    { "tardf9\n", "", 0, VARVE_ERROR_UNSUPPORTED },
    { VARVE_TARDIFF_MAGIC, "\0", 1, VARVE_ERROR_CORRUPT },              /* ends before its size */
    { VARVE_TARDIFF_MAGIC, "\0\5ab", 4, VARVE_ERROR_CORRUPT },          /* in its data */
    { VARVE_TARDIFF_MAGIC, "\5\0", 2, VARVE_ERROR_CORRUPT },            /* no such op */
    { VARVE_TARDIFF_MAGIC, "\22\0", 2, VARVE_ERROR_CORRUPT },           /* ours, in the other format */
    { VARVE_TARDIFF_MAGIC, "\1\0", 2, VARVE_ERROR_CORRUPT },            /* no name */
    { VARVE_TARDIFF_MAGIC, "\1\5../..", 7, VARVE_ERROR_CORRUPT },       /* a name that leads nowhere */
    { VARVE_TARDIFF_MAGIC, "\1\3a\0b", 5, VARVE_ERROR_CORRUPT },        /* a NUL in it */
    { VARVE_TARDIFF_MAGIC, "\1\201\40", 3, VARVE_ERROR_LIMIT },         /* a name of 4,097 bytes */
    { VARVE_TARDIFF_MAGIC, "\3\201\200\200\62", 5, VARVE_ERROR_LIMIT }, /* adds more than 100 MiB */
    { VARVE_TARDIFF_MAGIC, "\2\377\377\377\377\377\377\377\377\377\2", 11,
      VARVE_ERROR_CORRUPT },                                              /* more than 64 bits */
    { VARVE_TARDIFF_OWN_MAGIC, "\20\2\1\0", 4, VARVE_ERROR_CORRUPT },     /* half a piece */
    { VARVE_TARDIFF_OWN_MAGIC, "\20\4\1\0\0\0", 6, VARVE_ERROR_CORRUPT }, /* and one and a half */
    { VARVE_TARDIFF_OWN_MAGIC, "\21\200\2", 3, VARVE_ERROR_LIMIT },       /* a recipe of 256 bytes */
    { VARVE_TARDIFF_OWN_MAGIC, "\22\1x", 3, VARVE_ERROR_CORRUPT },        /* an end with data */
    { VARVE_TARDIFF_MAGIC, "\23\40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 34,
      VARVE_ERROR_CORRUPT }, /* a layer, in the other format */
    { VARVE_TARDIFF_OWN_MAGIC, "\23\37aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 33,
      VARVE_ERROR_CORRUPT },                                           /* a diff ID of 31 bytes */
    { VARVE_TARDIFF_OWN_MAGIC, "\23\40aaaa", 6, VARVE_ERROR_CORRUPT }, /* and one that ends too early */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      read_all (CASES[i].magic, CASES[i].ops, CASES[i].size_bytes, &error);
      g_test_message ("case %u: %s", i, error != NULL ? error->message : "no error");
      g_assert_error (error, VARVE_ERROR, (int)CASES[i].code);
    }
}

static void
test_truncated (void)
{
  g_autofree guint8 *ops = g_malloc0 (1 << 20);
  ops[1] = 0x80;
  ops[2] = 0x80;
  ops[3] = 0x20; /* 512 KiB of data */
  g_autoptr (GInputStream) whole = stream_of (VARVE_TARDIFF_MAGIC, ops, 4 + (1 << 19));
  guint8 blob[4096];
  gsize n;
  g_assert_true (g_input_stream_read_all (whole, blob, sizeof blob, &n, NULL, NULL));
  for (gsize cut = 1; cut <= 8; cut++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (blob, (gssize)(n - cut), NULL);
      g_autoptr (VarveTardiffReader) reader = varve_tardiff_reader_new (stream, NULL, &error);
      VarveOp op;
      const guint8 *data;
      gsize size_bytes = 1;
      while (error == NULL && varve_tardiff_reader_next (reader, &op, &error) == VARVE_OP_RESULT_OP)
        while (size_bytes > 0 && varve_tardiff_reader_chunk (reader, G_MAXSIZE, &data, &size_bytes, &error))
          ;
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
}

static void
test_names (void)
{
  static const char *const CASES[][2] = {
    { "usr/bin/x", "usr/bin/x" },
    { "/usr//bin/./x", "usr/bin/x" },
    { "usr/../etc/x", "etc/x" },
    { "../../etc/x", "etc/x" },
    { "..", NULL },
    { "/", NULL },
    { "", NULL },
    { "a/..", NULL },
    { "...", "..." },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *clean = varve_tardiff_clean_name (CASES[i][0]);
      g_assert_cmpstr (clean, ==, CASES[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tardiff/golden", test_golden);
  g_test_add_func ("/tardiff/read", test_read);
  g_test_add_func ("/tardiff/hostile", test_hostile);
  g_test_add_func ("/tardiff/truncated", test_truncated);
  g_test_add_func ("/tardiff/names", test_names);
  return g_test_run ();
}
