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
#include "tests/unit/pe-file.h"
#include "tests/unit/prng.h"

static const VarveEncoderOptions NO_OPTIONS = { 0 };
static const VarveAnatomyOptions DECODE = { .kind = VARVE_ANATOMY_DECODE }, RECIPES = { .kind = VARVE_ANATOMY_RECIPES };

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
      if (piece->kind == VARVE_PIECE_SECTION)
        continue;
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
  VarveAnatomy *anatomy = varve_anatomy_new (spool, keep (spool, file), &RECIPES, NULL, &error);
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

static guint
count_encoded (const VarveAnatomy *anatomy)
{
  guint n = 0;
  for (guint i = 0; i < anatomy->pieces->len; i++)
    n += g_array_index (anatomy->pieces, VarvePiece, i).kind == VARVE_PIECE_BEGIN;
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

/* Archives in a row, compressed and not, with zero bytes between them. */
static void
test_row (void)
{
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (100000);
  GByteArray *file = g_byte_array_new ();
  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *name = g_strdup_printf ("member-%u", i);
      GByteArray *archive = g_byte_array_new ();
      add_member (archive, name, text);
      g_autoptr (GBytes) plain = end_archive (archive);
      g_autoptr (GBytes) whole = i % 2 == 0 ? g_bytes_ref (plain) : run ("gzip -9n -c", plain);
      g_byte_array_append (file, g_bytes_get_data (whole, NULL), (guint)g_bytes_get_size (whole));
      pe_file_pad (file, 4);
    }
  g_byte_array_append (file, (const guint8 *)"what follows", 12);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (file);
  g_autoptr (VarveAnatomy) anatomy = check (spool, bytes, TRUE);
  g_assert_cmpstr (anatomy->role, ==, VARVE_PIECE_INITRD);
  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *name = g_strdup_printf ("member-%u", i);
      g_assert_cmpuint (count_named (anatomy, name), ==, 1);
    }
}

/* Archives in archives, and kernels in kernels, end somewhere: the stack must hold. */
static void
test_nested (void)
{
  enum { LEVELS = 20000, ZBOOT_BYTES = 64 };
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  GByteArray *file = g_byte_array_new ();
  for (guint i = 0; i < LEVELS; i++)
    {
      g_autofree char *header = g_strdup_printf ("070701%048d%08x%032d%08x%08d", 0, (LEVELS - i - 1) * 112, 0, 2, 0);
      g_byte_array_append (file, (const guint8 *)header, 110);
      g_byte_array_append (file, (const guint8 *)"a", 2);
    }
  g_autoptr (GBytes) archives = g_byte_array_free_to_bytes (file);
  g_autoptr (VarveAnatomy) of_archives = check (spool, archives, TRUE);
  file = g_byte_array_new ();
  g_byte_array_set_size (file, LEVELS * ZBOOT_BYTES);
  memset (file->data, 0, file->len);
  for (guint i = 0; i < LEVELS; i++)
    {
      guint8 *header = file->data + (gsize)i * ZBOOT_BYTES;
      memcpy (header, "MZ\0\0zimg", 8);
      pe_file_put_u32 (header + 8, i % 2 * ZBOOT_BYTES); /* also itself */
      pe_file_put_u32 (header + 12, (LEVELS - i - i % 2) * ZBOOT_BYTES);
    }
  g_autoptr (GBytes) kernels = g_byte_array_free_to_bytes (file);
  g_autoptr (VarveAnatomy) of_kernels = check (spool, kernels, TRUE);
}

static GBytes *
x86_kernel (GBytes *payload)
{
  GByteArray *file = g_byte_array_new ();
  guint32 offset = 100;
  g_byte_array_set_size (file, 2048 + offset);
  memset (file->data, 0x90, file->len);
  file->data[0x1f1] = 3;
  file->data[0x1fe] = 0x55;
  file->data[0x1ff] = 0xaa;
  memcpy (file->data + 0x202, "HdrS", 4);
  pe_file_put_u32 (file->data + 0x248, offset);
  pe_file_put_u32 (file->data + 0x24c, (guint32)g_bytes_get_size (payload) + 4);
  g_byte_array_append (file, g_bytes_get_data (payload, NULL), (guint)g_bytes_get_size (payload));
  g_byte_array_append (file, (const guint8 *)"size, and what follows", 22);
  return g_byte_array_free_to_bytes (file);
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
  g_autoptr (GBytes) kernel = x86_kernel (payload);
  g_autoptr (VarveAnatomy) anatomy = check (spool, kernel, TRUE);
  g_assert_cmpuint (count_encoded (anatomy), ==, 1);
  g_assert_cmpstr (anatomy->role, ==, VARVE_PIECE_LINUX);
}

/* A zboot image around what the command makes of a kernel; payload and size as the kernel's build writes them. */
static GBytes *
zboot_kernel (const char *compression, GBytes *payload)
{
  enum { PAYLOAD_AT = 5000 };
  GByteArray *file = g_byte_array_new ();
  g_byte_array_set_size (file, PAYLOAD_AT);
  memset (file->data, 0x90, file->len);
  memset (file->data, 0, 64);
  memcpy (file->data, "MZ\0\0zimg", 8);
  pe_file_put_u32 (file->data + 8, PAYLOAD_AT);
  pe_file_put_u32 (file->data + 12, (guint32)g_bytes_get_size (payload));
  memcpy (file->data + 24, compression, strlen (compression));
  memcpy (file->data + 0x38, "\xcd\x23\x82\x81", 4);
  g_byte_array_append (file, g_bytes_get_data (payload, NULL), (guint)g_bytes_get_size (payload));
  g_byte_array_append (file, (const guint8 *)"size, and what follows", 22);
  return g_byte_array_free_to_bytes (file);
}

/* An uncompressed kernel of arm64, which is also a PE file. */
static GBytes *
arm64_image (void)
{
  static const PeFileSection SECTIONS[] = { { ".text", 200000, 200000, 4096 } };
  g_autoptr (GBytes) text = some_text (300000);
  GByteArray *file = pe_file_headers (SECTIONS, 1);
  memcpy (file->data + 0x38, "ARM\x64", 4);
  g_byte_array_append (file, g_bytes_get_data (text, NULL), (guint)g_bytes_get_size (text));
  return g_byte_array_free_to_bytes (file);
}

/* Zboot images, and compressed ones, as the kernel's build makes them. */
static void
test_other_kernels (void)
{
  static const struct {
    const char *name, *command;
  } CASES[] = { { "gzip", "gzip -n -9 -c" },
                { "zstd", "zstd -q --ultra -22 -c" },
                { "xz", "xz --check=crc32 --lzma2=dict=32MiB -T1 -c" },
                { "lz4", "lz4 -q -l -9 -c" } };
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) image = arm64_image ();
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GBytes) payload = run (CASES[i].command, image);
      if (payload == NULL
          || varve_codec_recognise (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload)) == NULL)
        continue;
      g_test_message ("%s", CASES[i].command);
      g_autoptr (GBytes) kernel = zboot_kernel (CASES[i].name, payload);
      g_autoptr (VarveAnatomy) of_kernel = check (spool, kernel, TRUE);
      g_assert_cmpuint (count_encoded (of_kernel), ==, 1);
      g_assert_cmpstr (of_kernel->role, ==, VARVE_PIECE_LINUX);
      g_autoptr (VarveAnatomy) of_payload = check (spool, payload, TRUE);
      g_assert_cmpuint (count_encoded (of_payload), ==, 1);
      g_assert_cmpstr (of_payload->role, ==, VARVE_PIECE_LINUX);
    }
  g_autoptr (VarveAnatomy) of_image = check (spool, image, TRUE);
  g_assert_cmpstr (of_image->role, ==, VARVE_PIECE_LINUX);
  g_assert_cmpuint (of_image->pieces->len, ==, 1);
  g_autoptr (GBytes) lzma = g_bytes_new_static ("\x5d\0\0\x80\0 what varve does not decode", 32);
  g_autoptr (GBytes) kernel = zboot_kernel ("lzma", lzma);
  g_autoptr (VarveAnatomy) of_lzma = check (spool, kernel, TRUE);
  g_assert_cmpuint (count_encoded (of_lzma), ==, 0);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (kernel, 0, g_bytes_get_size (kernel) - 40); /* in the payload */
  g_autoptr (VarveAnatomy) of_cut = check (spool, cut, TRUE);
  g_assert_cmpuint (of_cut->pieces->len, ==, 1);
}

typedef struct {
  guint64 size_bytes;
  guint n_asked;
} Known;

static gboolean
is_known (gpointer data, guint64 hash, guint64 size_bytes)
{
  Known *known = data;
  known->n_asked++;
  return hash != 0 && size_bytes == known->size_bytes;
}

static GBytes *
some_initramfs (void)
{
  g_autoptr (GBytes) text = some_text (90000);
  GByteArray *early = g_byte_array_new (), *late = g_byte_array_new (), *file = g_byte_array_new ();
  add_member (early, "kernel/x86/microcode/AuthenticAMD.bin", text);
  add_member (late, "usr/bin/init", text);
  g_autoptr (GBytes) early_bytes = end_archive (early);
  g_autoptr (GBytes) late_bytes = end_archive (late);
  g_autoptr (GBytes) late_compressed = run ("gzip -9n -c", late_bytes);
  g_byte_array_append (file, g_bytes_get_data (early_bytes, NULL), (guint)g_bytes_get_size (early_bytes));
  g_byte_array_append (file, g_bytes_get_data (late_compressed, NULL), (guint)g_bytes_get_size (late_compressed));
  return g_byte_array_free_to_bytes (file);
}

/* A unified kernel image with two profiles, and a certificate behind its sections. */
static GBytes *
some_uki (void)
{
  static const char *const NAMES[]
      = { ".text", ".osrel", ".linux", ".initrd", ".profile", ".cmdline", ".profile", ".cmdline" };
  PeFileSection sections[G_N_ELEMENTS (NAMES)] = { 0 };
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    sections[i].name = NAMES[i];
  g_autoptr (GBytes) text = some_text (50000);
  g_autoptr (GBytes) payload = run ("gzip -n -9 -c", text);
  g_autoptr (GBytes) kernel = x86_kernel (payload);
  g_autoptr (GBytes) initramfs = some_initramfs ();
  g_autoptr (GBytes) small = some_text (300);
  GBytes *contents[] = { text, small, kernel, initramfs, small, small, small, small };
  GByteArray *file = pe_file_headers (sections, G_N_ELEMENTS (NAMES));
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    pe_file_add (file, i, contents[i]);
  g_byte_array_append (file, (const guint8 *)"a certificate table", 19);
  return g_byte_array_free_to_bytes (file);
}

static guint64
section_bytes (const VarveAnatomy *anatomy, const char *name)
{
  for (guint i = 0; i < anatomy->pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (anatomy->pieces, VarvePiece, i);
      if (piece->kind == VARVE_PIECE_SECTION && strcmp (piece->name, name) == 0)
        return piece->content.size_bytes;
    }
  return 0;
}

static void
test_uki (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) uki = some_uki ();
  g_autoptr (VarveAnatomy) anatomy = check (spool, uki, TRUE);
  g_assert_cmpuint (count_encoded (anatomy), ==, 2);
  g_assert_null (anatomy->role);
  g_assert_cmpuint (count_named (anatomy, "kernel/x86/microcode/AuthenticAMD.bin"), ==, 1);
  g_assert_cmpuint (count_named (anatomy, "usr/bin/init"), ==, 1);
  g_assert_cmpuint (count_named (anatomy, "/.cmdline"), ==, 4); /* each as SECTION and RAW */
  g_assert_cmpuint (count_named (anatomy, "/.profile"), ==, 4);
  Known known = { .size_bytes = section_bytes (anatomy, VARVE_PIECE_LINUX) };
  g_assert_cmpuint (known.size_bytes, >, 0);
  VarveAnatomyOptions options = { .kind = VARVE_ANATOMY_RECIPES, .is_known = is_known, .data = &known };
  g_autoptr (VarveAnatomy) other = varve_anatomy_new (spool, keep (spool, uki), &options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (known.n_asked, ==, 8);
  g_assert_cmpuint (count_encoded (other), ==, 1); /* the initramfs */
}

/* A program has sections, but nothing inside them. */
static void
test_program (void)
{
  static const PeFileSection SECTIONS[2] = { { .name = ".text" }, { .name = ".data" } };
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  g_autoptr (GBytes) text = some_text (5000);
  GByteArray *file = pe_file_headers (SECTIONS, 2);
  pe_file_add (file, 0, text);
  pe_file_add (file, 1, text);
  g_autoptr (GBytes) program = g_byte_array_free_to_bytes (file);
  g_autoptr (VarveAnatomy) anatomy = check (spool, program, FALSE);
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
  VarveAnatomy *anatomy = varve_anatomy_new (spool, file, &DECODE, NULL, &error);
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
  g_assert_null (varve_anatomy_new (spool, file, &RECIPES, NULL, &error));
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
  g_assert_null (varve_anatomy_new (spool, keep (spool, compressed), &RECIPES, cancellable, &error));
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
  g_autoptr (VarveAnatomy) anatomy = varve_anatomy_new (spool, keep (spool, compressed), &DECODE, NULL, &error);
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
  g_test_add_func ("/anatomy/row", test_row);
  g_test_add_func ("/anatomy/nested", test_nested);
  g_test_add_func ("/anatomy/other-kernels", test_other_kernels);
  g_test_add_func ("/anatomy/uki", test_uki);
  g_test_add_func ("/anatomy/program", test_program);
  g_test_add_func ("/anatomy/opaque", test_opaque);
  g_test_add_func ("/anatomy/other-bytes", test_other_bytes);
  g_test_add_func ("/anatomy/decode-only", test_decode_only);
  g_test_add_func ("/anatomy/full-disk", test_full_disk);
  g_test_add_func ("/anatomy/no-folder", test_no_folder);
  g_test_add_func ("/anatomy/cancelled", test_cancelled);
  g_test_add_func ("/anatomy/recipes", test_recipes);
  return g_test_run ();
}
