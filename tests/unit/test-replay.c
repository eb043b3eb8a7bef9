/* SPDX-License-Identifier: Apache-2.0 */
/* delta/replay, delta/old-tree: ops carried out against a folder; hostile ones end in an error and read nothing outside
 * of it. */
#include "delta/replay.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "codec/recipe-memory.h"

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static const guint8 GZIP[]
    = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 0x4c, 0x4a, 6, 0, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0 };

/* "a" is 0123456789, "b.gz" is "abc", "etc" is only in usr; "out" leads out of the tree, "pipe" is no file. */
static char *
make_folder (void)
{
  char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL);
  g_autofree char *a = g_build_filename (folder, "a", NULL), *b = g_build_filename (folder, "b.gz", NULL);
  g_autofree char *etc = g_build_filename (folder, "usr", "etc", NULL), *conf = g_build_filename (etc, "conf", NULL);
  g_autofree char *out = g_build_filename (folder, "out", NULL), *pipe = g_build_filename (folder, "pipe", NULL);
  g_assert_true (g_file_set_contents (a, "0123456789", 10, NULL));
  g_assert_true (g_file_set_contents (b, (const char *)GZIP, sizeof GZIP, NULL));
  g_assert_cmpint (g_mkdir_with_parents (etc, 0700), ==, 0);
  g_assert_true (g_file_set_contents (conf, "conf", 4, NULL));
  g_assert_cmpint (symlink ("/etc/passwd", out), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  return folder;
}

static void
remove_folder (const char *folder)
{
  static const char *const NAMES[] = { "a", "b.gz", "out", "pipe", "usr/etc/conf", "usr/etc", "usr", "" };
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autofree char *path = g_build_filename (folder, NAMES[i], NULL);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

/* What the ops give, in our own format; NULL with @error. */
static GByteArray *
replay_within (const char *folder, const void *ops, gsize size_bytes, VarveReplayOptions options,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) blob = g_byte_array_new ();
  g_autoptr (GByteArray) out = g_byte_array_new ();
  VarveSink keep = { .write = append, .data = blob }, sink = { .write = append, .data = out };
  g_autoptr (VarveOpCompressor) compressor
      = varve_op_compressor_new (VARVE_TARDIFF_OWN_MAGIC, 1, size_bytes, &keep, NULL);
  g_assert_true (varve_op_compressor_write (compressor, ops, size_bytes, NULL));
  g_assert_true (varve_op_compressor_finish (compressor, NULL));
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (blob->data, blob->len, NULL);
  g_autoptr (VarveReplayCache) cache = varve_replay_cache_new (NULL, NULL);
  g_autoptr (VarveOldTree) tree = varve_old_tree_of_folder (folder, error);
  options.old = tree;
  options.cache = cache;
  return varve_replay (stream, &options, &sink, cancellable, error) ? g_steal_pointer (&out) : NULL;
}

static GByteArray *
replay (const char *folder, const void *ops, gsize size_bytes, guint64 max_bytes, GError **error)
{
  VarveReplayOptions options
      = { .max_bytes = max_bytes, .max_memory_bytes = VARVE_RECIPE_MEMORY_MAX_BYTES, .max_cpu_seconds = -1 };
  return replay_within (folder, ops, size_bytes, options, NULL, error);
}

#define OPS(text) (text), sizeof (text) - 1

static void
test_right (void)
{
  static const struct {
    const char *ops;
    gsize size_bytes;
    const char *expected;
  } CASES[] = {
    { OPS (""), "" },
    { OPS ("\0\2hi\1\1a\2\3"), "hi012" },
    { OPS ("\1\1a\4\5\2\2\3\2\1\377"), "5687" },
    { OPS ("\1\10etc/conf\2\4"), "conf" },
    { OPS ("\1\7/./../a\2\12"), "0123456789" },
    { OPS ("\1\4b.gz\20\3\2\0\27\4\1\2\2"), "bc" },
    { OPS ("\1\4b.gz\20\3\2\0\27\2\3\1\4b.gz\20\3\2\0\27\2\1"), "abca" }, /* the second time from the cache */
    { OPS ("\1\1a\4\12\2\0"), "" },
  };
  g_autofree char *folder = make_folder ();
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) out = replay (folder, CASES[i].ops, CASES[i].size_bytes, 100, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (out->data, out->len, CASES[i].expected, strlen (CASES[i].expected));
    }
  remove_folder (folder);
}

#define ZLIB "\21\51gzip;version=zlib 1.2.13;level=9;memory=8"
#define XZ(dictionary) "\21\112xz;threaded=0;block=0;check=1;preset=6;extreme=0;dictionary=" dictionary ";x86=0"

static void
test_hostile (void)
{
  static const struct {
    const char *ops;
    gsize size_bytes;
    VarveError code;
    const char *message;
  } CASES[] = {
    { OPS ("\2\1"), VARVE_ERROR_CORRUPT, "Copy or AddData without a source" },
    { OPS ("\3\1x"), VARVE_ERROR_CORRUPT, "Copy or AddData without a source" },
    { OPS ("\4\1"), VARVE_ERROR_CORRUPT, "Seek without a source, or beyond its end" },
    { OPS ("\20\3\2\0\1"), VARVE_ERROR_CORRUPT, "Decode without a source, or beyond its end" },
    { OPS ("\1\1x"), VARVE_ERROR_NOT_FOUND, "no file 'x'" },
    { OPS ("\1\3usr"), VARVE_ERROR_NOT_FOUND, "no file 'usr'" },
    { OPS ("\1\4pipe"), VARVE_ERROR_NOT_FOUND, "no file 'pipe'" },
    { OPS ("\1\3out"), VARVE_ERROR_NOT_FOUND, "no file 'out'" },
    { OPS ("\1\25../../../etc/hostname"), VARVE_ERROR_NOT_FOUND, "no file 'etc/hostname'" },
    { OPS ("\1\1a\2\13"), VARVE_ERROR_CORRUPT, "beyond the end of the source" },
    { OPS ("\1\1a\4\13"), VARVE_ERROR_CORRUPT, "Seek without a source, or beyond its end" },
    { OPS ("\1\1a\4\11\3\2xx"), VARVE_ERROR_CORRUPT, "beyond the end of the source" },
    { OPS ("\1\1a\2\377\377\377\377\377\377\377\377\377\1"), VARVE_ERROR_CORRUPT, "beyond the end of the source" },
    { OPS ("\1\1a\20\3\2\0\12"), VARVE_ERROR_CORRUPT, "gzip: damaged member" },
    { OPS ("\1\1a\20\3\11\0\12"), VARVE_ERROR_UNSUPPORTED, "Decode with an unknown codec" },
    { OPS ("\1\1a\20\3\2\1\12"), VARVE_ERROR_CORRUPT, "Decode without a source, or beyond its end" },
    { OPS ("\1\4b.gz\20\3\2\0\24"), VARVE_ERROR_CORRUPT, "gzip: truncated member" },
    { OPS ("\22\0"), VARVE_ERROR_CORRUPT, "End without Encode" },
    { OPS (ZLIB), VARVE_ERROR_CORRUPT, "Encode without End" },
    { OPS (ZLIB ZLIB ZLIB ZLIB ZLIB), VARVE_ERROR_LIMIT, "more than the limit of 4 nested encoders" },
    { OPS (XZ ("67108864") XZ ("67108864")), VARVE_ERROR_LIMIT,
      "the encoders need more than the limit of 1073 MB of memory" },
    { OPS ("\23\40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), VARVE_ERROR_NOT_FOUND, "no layer with the diff ID sha256:6161" },
    { OPS ("\21\4none"), VARVE_ERROR_UNSUPPORTED, "recipe 'none': unknown encoder" },
    { OPS ("\1\1a\2\12\2\0\1\1a\2\12\0\1x"), VARVE_ERROR_LIMIT, "output exceeds the limit of 20 bytes" },
  };
  g_autofree char *folder = make_folder ();
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) out = replay (folder, CASES[i].ops, CASES[i].size_bytes, 20, &error);
      g_assert_null (out);
      g_test_message ("case %u: %s", i, error->message);
      g_assert_error (error, VARVE_ERROR, (int)CASES[i].code);
      g_assert_nonnull (strstr (error->message, CASES[i].message));
    }
  remove_folder (folder);
}

/* What the encoders may take: known from the recipe, or only as they are fed. */
static void
test_costs (void)
{
  static const struct {
    const char *ops;
    gsize size_bytes;
    guint64 memory_bytes;
    double cpu_seconds;
    const char *message; /* NULL: it works */
  } CASES[] = {
    { OPS (ZLIB "\0\3abc\22\0"), 4 << 20, 1, NULL },
    { OPS (ZLIB "\0\3abc\22\0"), (4 << 20) - 1, 1, "the encoders need more than the limit of 4 MB of memory" },
    { OPS (ZLIB ZLIB "\0\3abc\22\0\22\0"), 6 << 20, 1, "the encoders need more than the limit of 6 MB of memory" },
    { OPS (ZLIB "\22\0" ZLIB "\22\0"), 6 << 20, 1, NULL },
    { OPS (XZ ("00032768")), 6 << 20, 1, "Encode without End" },
    { OPS (XZ ("33554432")), 300 << 20, 1, "the encoders need more than the limit of 314 MB of memory" },
    { OPS ("\21\115xz;threaded=1;block=1048576;check=1;preset=6;extreme=0;dictionary=65536;x86=0"
           "\0\3abc\22\0"),
      (2 << 20) + 753670, 1, "the encoders need more than the limit of 2 MB of memory" },
    { OPS (ZLIB "\0\3abc\22\0"), 4 << 20, 0, "the encoders take longer than the limit of 0 s" },
  };
  g_autofree char *folder = make_folder ();
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      VarveReplayOptions options
          = { .max_bytes = 100, .max_memory_bytes = CASES[i].memory_bytes, .max_cpu_seconds = CASES[i].cpu_seconds };
      g_autoptr (GByteArray) out = replay_within (folder, CASES[i].ops, CASES[i].size_bytes, options, NULL, &error);
      g_test_message ("case %u: %s", i, error != NULL ? error->message : "no error");
      g_assert_cmpint (out != NULL, ==, CASES[i].message == NULL);
      g_assert_true (out != NULL || strstr (error->message, CASES[i].message) != NULL);
    }
  remove_folder (folder);
}

static void
test_cancelled (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = make_folder ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  VarveReplayOptions options
      = { .max_bytes = 100, .max_memory_bytes = VARVE_RECIPE_MEMORY_MAX_BYTES, .max_cpu_seconds = -1 };
  g_assert_null (replay_within (folder, OPS ("\1\1a\2\3"), options, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replay/right", test_right);
  g_test_add_func ("/replay/hostile", test_hostile);
  g_test_add_func ("/replay/costs", test_costs);
  g_test_add_func ("/replay/cancelled", test_cancelled);
  return g_test_run ();
}
