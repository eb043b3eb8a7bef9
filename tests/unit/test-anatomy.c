/* SPDX-License-Identifier: Apache-2.0 */
/* codec/anatomy, codec/recipe-trial: streams of foreign tools are decoded and reproduced bit for bit. */
#include "codec/anatomy.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "codec/recipe-trial.h"
#include "config.h"
#include "tests/unit/prng.h"

static const VarveEncoderOptions NO_OPTIONS = { 0 };

/* Text that compresses, as programs and manuals do. */
static GBytes *
some_text (gsize size_bytes)
{
  static const char *const WORDS[]
      = { "layer", "commit", "the", "object", "0x7f", "\n", "module", "return", "kernel", "  " };
  guint64 prng = 7;
  GString *text = g_string_new (NULL);
  while (text->len < size_bytes)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " ", WORDS[prng_below (&prng, G_N_ELEMENTS (WORDS))],
                            prng_below (&prng, 300));
  return g_string_free_to_bytes (text);
}

/* What a program makes of its input; NULL when it is not installed. */
static GBytes *
run (const char *command, GBytes *input)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  g_autofree char *path = g_find_program_in_path (argv[0]);
  if (path == NULL)
    return NULL;
  GBytes *output = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      (const char *const *)argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate (process, input, NULL, &output, NULL, &error));
  g_assert_no_error (error);
  return output;
}

static VarveExtent
keep (VarveExtentFile *spool, GBytes *bytes)
{
  gsize size_bytes;
  const void *data = g_bytes_get_data (bytes, &size_bytes);
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (spool, size_bytes);
  VarveExtent extent;
  g_assert_true (varve_extent_file_writer_write (writer, data, size_bytes, NULL));
  g_assert_true (varve_extent_file_writer_finish (writer, &extent, NULL));
  return extent;
}

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static gboolean
feed (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  VarveEncoder *encoder = data;
  return encoder->write (encoder, bytes, size_bytes, error);
}

/* Puts pieces together as an applier would, from @from up to the END or the end. */
static guint
put_together (VarveExtentFile *spool, const VarveAnatomy *anatomy, guint from, const VarveSink *out)
{
  guint i = from;
  for (; i < anatomy->pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (anatomy->pieces, VarvePiece, i);
      if (piece->kind == VARVE_PIECE_END)
        return i;
      if (piece->kind == VARVE_PIECE_RAW)
        {
          g_assert_true (varve_extent_file_pour (spool, piece->content, out, NULL));
          continue;
        }
      g_autoptr (GError) error = NULL;
      g_autoptr (VarveEncoder) encoder = varve_codec_encoder_new (piece->recipe, &NO_OPTIONS, out, &error);
      g_assert_no_error (error);
      VarveSink inner = { .write = feed, .data = encoder };
      i = put_together (spool, anatomy, i + 1, &inner);
      g_assert_cmpuint (i, ==, piece->end);
      g_assert_true (encoder->finish (encoder, &error));
    }
  return i;
}

static VarveAnatomy *
check (VarveExtentFile *spool, GBytes *file, gboolean is_deep)
{
  g_autoptr (GError) error = NULL;
  VarveAnatomy *anatomy = varve_anatomy_new (spool, keep (spool, file), VARVE_ANATOMY_RECIPES, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GByteArray) again = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = again };
  put_together (spool, anatomy, 0, &sink);
  g_assert_cmpmem (again->data, again->len, g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  g_assert_cmpint (varve_anatomy_is_deep (anatomy), ==, is_deep);
  return anatomy;
}

static void
test_tools (void)
{
  static const char *const COMMANDS[] = {
    "xz --check=crc32 --lzma2=dict=1MiB -T1 -c",
    "xz -T2 -c",
    "xz -9 -T1 -c",
    "xz --check=crc32 --x86 --lzma2=dict=32MiB -T1 -c",
    "xz -0 -T2 -c",
    "gzip -9n -c",
    "gzip -c",
    "gzip -n -9 --rsyncable -c",
    "gzip -1 -c",
    "zstd -q -c",
    "zstd -q -9 -T0 -c",
    "zstd -q -19 -c",
    "zstd -q -15 -T0 -c",
    "lz4 -q -9 -l -c",
    "lz4 -q -l -c",
  };
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (150000);
  for (guint i = 0; i < G_N_ELEMENTS (COMMANDS); i++)
    {
      g_autoptr (GBytes) compressed = run (COMMANDS[i], text);
      if (compressed == NULL
          || varve_codec_recognise (g_bytes_get_data (compressed, NULL), g_bytes_get_size (compressed)) == NULL)
        {
          g_test_message ("not tried: %s", COMMANDS[i]);
          continue;
        }
      g_test_message ("%s", COMMANDS[i]);
      g_autoptr (VarveAnatomy) anatomy = check (spool, compressed, TRUE);
      g_assert_cmpfloat (
          varve_recipe_seconds (g_array_index (anatomy->pieces, VarvePiece, anatomy->pieces->len - 3).recipe, 1 << 20),
          >, 0);
    }
}

static void
add_member (GByteArray *archive, const char *name, GBytes *content)
{
  gsize size_bytes = content != NULL ? g_bytes_get_size (content) : 0;
  g_autofree char *header
      = g_strdup_printf ("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1u, 0100644u, 0u, 0u, 1u, 0u,
                         (guint)size_bytes, 0u, 0u, 0u, 0u, (guint)strlen (name) + 1, 0u);
  g_byte_array_append (archive, (const guint8 *)header, 110);
  g_byte_array_append (archive, (const guint8 *)name, (guint)strlen (name) + 1);
  while (archive->len % 4 != 0)
    g_byte_array_append (archive, (const guint8 *)"", 1);
  if (content != NULL)
    g_byte_array_append (archive, g_bytes_get_data (content, NULL), (guint)size_bytes);
  while (archive->len % 4 != 0)
    g_byte_array_append (archive, (const guint8 *)"", 1);
}

static GBytes *
end_archive (GByteArray *archive)
{
  add_member (archive, "TRAILER!!!", NULL);
  while (archive->len % 512 != 0)
    g_byte_array_append (archive, (const guint8 *)"", 1);
  return g_byte_array_free_to_bytes (archive);
}

static guint
count_named (const VarveAnatomy *anatomy, const char *name)
{
  guint n = 0;
  for (guint i = 0; i < anatomy->pieces->len; i++)
    n += g_strcmp0 (g_array_index (anatomy->pieces, VarvePiece, i).name, name) == 0;
  return n;
}

/* An archive in front, then a compressed one with a compressed member: as initramfs-tools and dracut make them. */
static void
test_initramfs (void)
{
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (200000);
  g_autoptr (GBytes) module = run ("gzip -9n -c", text);
  GByteArray *early = g_byte_array_new (), *late = g_byte_array_new ();
  add_member (early, "kernel/x86/microcode/GenuineIntel.bin", text);
  add_member (late, "usr/lib/modules/6.1/a.ko", text);
  add_member (late, "usr/lib/modules/6.1/b.ko.gz", module);
  g_autoptr (GBytes) early_bytes = end_archive (early);
  g_autoptr (GBytes) late_bytes = end_archive (late);
  g_autoptr (GBytes) late_compressed = run ("zstd -q -9 -c", late_bytes);
  if (late_compressed == NULL)
    {
      g_test_skip ("zstd is not installed");
      return;
    }
  GByteArray *file = g_byte_array_new ();
  g_byte_array_append (file, g_bytes_get_data (early_bytes, NULL), (guint)g_bytes_get_size (early_bytes));
  g_byte_array_append (file, g_bytes_get_data (late_compressed, NULL), (guint)g_bytes_get_size (late_compressed));
  g_autoptr (GBytes) initramfs = g_byte_array_free_to_bytes (file);
  g_autoptr (VarveAnatomy) anatomy = check (spool, initramfs, TRUE);
  g_assert_cmpuint (count_named (anatomy, "kernel/x86/microcode/GenuineIntel.bin"), ==, 1);
  g_assert_cmpuint (count_named (anatomy, "usr/lib/modules/6.1/a.ko"), ==, 1);
  g_assert_cmpuint (count_named (anatomy, "usr/lib/modules/6.1/b.ko.gz"), >=, 2);
}

static void
test_kernel (void)
{
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (300000);
  g_autoptr (GBytes) payload = run ("xz -T1 --check=crc32 --x86 --lzma2=dict=32MiB -c", text);
  if (payload == NULL || varve_codec_find (VARVE_CODEC_XZ) == NULL)
    {
      g_test_skip ("no xz");
      return;
    }
  guint32 size_bytes = (guint32)g_bytes_get_size (payload) + 4, offset = 100;
  GByteArray *file = g_byte_array_new ();
  g_byte_array_set_size (file, 2048 + offset);
  memset (file->data, 0x90, file->len);
  file->data[0x1f1] = 3;
  file->data[0x1fe] = 0x55;
  file->data[0x1ff] = 0xaa;
  memcpy (file->data + 0x202, "HdrS", 4);
  memcpy (file->data + 0x248, &offset, 4);
  memcpy (file->data + 0x24c, &size_bytes, 4);
  g_byte_array_append (file, g_bytes_get_data (payload, NULL), (guint)g_bytes_get_size (payload));
  g_byte_array_append (file, (const guint8 *)"size, and what follows", 22);
  g_autoptr (GBytes) kernel = g_byte_array_free_to_bytes (file);
  g_autoptr (VarveAnatomy) anatomy = check (spool, kernel, G_BYTE_ORDER == G_LITTLE_ENDIAN);
}

/* What no recipe gives back, and what is damaged, is taken as it is. */
static void
test_opaque (void)
{
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (100000);
  g_autoptr (GBytes) compressed = run ("gzip -9n -c", text);
  gsize size_bytes = g_bytes_get_size (compressed);
  g_autofree guint8 *changed = g_memdup2 (g_bytes_get_data (compressed, NULL), size_bytes);
  g_autoptr (VarveAnatomy) plain = check (spool, text, FALSE);
  changed[size_bytes / 2] ^= 1;
  g_autoptr (GBytes) damaged = g_bytes_new (changed, size_bytes);
  g_autoptr (VarveAnatomy) of_damaged = check (spool, damaged, FALSE);
  g_autoptr (GBytes) cut = g_bytes_new (g_bytes_get_data (compressed, NULL), size_bytes - 5);
  g_autoptr (VarveAnatomy) of_cut = check (spool, cut, FALSE);
  GByteArray *longer = g_byte_array_new ();
  g_byte_array_append (longer, g_bytes_get_data (compressed, NULL), (guint)size_bytes);
  g_byte_array_append (longer, (const guint8 *)"what follows", 12);
  g_autoptr (GBytes) followed = g_byte_array_free_to_bytes (longer);
  g_autoptr (VarveAnatomy) of_followed = check (spool, followed, TRUE);
}

static char *
recipe_of (VarveExtentFile *spool, GBytes *compressed, VarveExtent plain)
{
  enum { HEADER_BYTES = 10 }; /* of gzip, without a name */
  g_autoptr (GError) error = NULL;
  VarveExtent encoded = keep (spool, compressed);
  encoded.at += HEADER_BYTES;
  encoded.size_bytes -= HEADER_BYTES;
  VarveRecipeTrial trial
      = { .spool = spool, .codec = varve_codec_gzip (), .head = compressed, .plain = plain, .encoded = encoded };
  char *recipe = NULL;
  g_assert_true (varve_recipe_try (&trial, &recipe, NULL, &error));
  g_assert_no_error (error);
  return recipe;
}

/* A recipe whose result differs in one byte is not the recipe. */
static void
test_other_bytes (void)
{
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (100000);
  g_autoptr (GBytes) compressed = run ("gzip -9n -c", text);
  VarveExtent plain = keep (spool, text);
  g_autofree char *recipe = recipe_of (spool, compressed, plain);
  g_assert_nonnull (recipe);
  gsize size_bytes = g_bytes_get_size (compressed);
  for (gsize at = 10; at < size_bytes; at += (size_bytes - 11) / 2)
    {
      g_autofree guint8 *changed = g_memdup2 (g_bytes_get_data (compressed, NULL), size_bytes);
      changed[at] ^= 1;
      g_autoptr (GBytes) other = g_bytes_new (changed, size_bytes);
      g_assert_null (recipe_of (spool, other, plain));
    }
}

/* A full disk is an error, although the file could be taken as it is. */
static void
test_full_disk (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (400000);
  g_autoptr (GBytes) compressed = run ("gzip -9n -c", text);
  VarveExtent file = keep (spool, compressed);
  struct rlimit former, limit;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &former), ==, 0);
  limit = (struct rlimit){ .rlim_cur = 200000, .rlim_max = former.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  VarveAnatomy *anatomy = varve_anatomy_new (spool, file, VARVE_ANATOMY_DECODE, NULL, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &former), ==, 0);
  g_assert_null (anatomy);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
}

/* So is a trial that cannot write its temporary files. */
static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL);
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (folder, NULL);
  g_autoptr (GBytes) text = some_text (400000);
  g_autoptr (GBytes) compressed = run ("gzip -9n -c", text);
  VarveExtent file = keep (spool, compressed);
  g_assert_cmpint (rmdir (folder), ==, 0);
  g_assert_null (varve_anatomy_new (spool, file, VARVE_ANATOMY_RECIPES, NULL, &error));
  g_assert_nonnull (strstr (error->message, folder));
}

static void
test_cancelled (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (400000);
  g_autoptr (GBytes) compressed = run ("gzip -9n -c", text);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_null (varve_anatomy_new (spool, keep (spool, compressed), VARVE_ANATOMY_RECIPES, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Old files need no recipes. */
static void
test_decode_only (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (100000);
  g_autoptr (GBytes) compressed = run ("gzip -3 -c", text);
  g_autoptr (VarveAnatomy) anatomy
      = varve_anatomy_new (spool, keep (spool, compressed), VARVE_ANATOMY_DECODE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (varve_anatomy_is_promising (g_bytes_get_data (compressed, NULL), g_bytes_get_size (compressed)));
  g_assert_false (varve_anatomy_is_promising (g_bytes_get_data (text, NULL), g_bytes_get_size (text)));
  g_assert_cmpuint (anatomy->pieces->len, ==, 4); /* header, BEGIN, text, END */
  const VarvePiece *begin = &g_array_index (anatomy->pieces, VarvePiece, 1);
  g_assert_cmpint (begin->kind, ==, VARVE_PIECE_BEGIN);
  g_assert_cmpuint (begin->codec, ==, VARVE_CODEC_GZIP);
  g_assert_cmpuint (begin->end, ==, 3);
  g_assert_cmpuint (begin->plain_bytes, ==, g_bytes_get_size (text));
  g_assert_null (begin->recipe);
}

static void
test_recipes (void)
{
  static const struct {
    const char *recipe;
    VarveError code;
  } CASES[] = {
    { "", VARVE_ERROR_UNSUPPORTED },
    { "brotli;level=3", VARVE_ERROR_UNSUPPORTED },
    { "gzip", VARVE_ERROR_CORRUPT },
    { "gzip;version=zlib 1;level=9", VARVE_ERROR_CORRUPT },
    { "gzip;version=zlib 1;level=9;memory=10", VARVE_ERROR_CORRUPT },
    { "zstd;version=0.0.1;level=3;workers=1;checksum=1;size=0", VARVE_ERROR_UNSUPPORTED },
#if VARVE_HAVE_LZMA
    { "xz;threaded=1;block=0;check=1;preset=6;extreme=0;dictionary=4294967295;x86=0", VARVE_ERROR_CORRUPT },
    { "xz;threaded=2;block=0;check=1;preset=6;extreme=0;dictionary=1048576;x86=0", VARVE_ERROR_CORRUPT },
#endif
  };
  VarveSink sink = { .write = append, .data = NULL };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (varve_codec_encoder_new (CASES[i].recipe, &NO_OPTIONS, &sink, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, VARVE_ERROR, (int)CASES[i].code);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/anatomy/tools", test_tools);
  g_test_add_func ("/anatomy/initramfs", test_initramfs);
  g_test_add_func ("/anatomy/kernel", test_kernel);
  g_test_add_func ("/anatomy/opaque", test_opaque);
  g_test_add_func ("/anatomy/other-bytes", test_other_bytes);
  g_test_add_func ("/anatomy/decode-only", test_decode_only);
  g_test_add_func ("/anatomy/full-disk", test_full_disk);
  g_test_add_func ("/anatomy/no-folder", test_no_folder);
  g_test_add_func ("/anatomy/cancelled", test_cancelled);
  g_test_add_func ("/anatomy/recipes", test_recipes);
  return g_test_run ();
}
