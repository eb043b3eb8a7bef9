/* SPDX-License-Identifier: Apache-2.0 */
/* delta/sources: which old unit a new one is made from. */
#include "delta/sources.h"

#include <string.h>

typedef struct {
  const char *name;
  guint64 size_bytes, hash;
} OldFile;

static void
file_free (gpointer data)
{
  g_ptr_array_unref (((VarveImageFile *)data)->names);
  g_free (data);
}

static VarveImageFiles *
files_new (const OldFile *old, guint n_old)
{
  VarveImageFiles *files = g_new0 (VarveImageFiles, 1);
  files->files = g_ptr_array_new_with_free_func (file_free);
  files->maps = g_ptr_array_new ();
  files->by_name = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < n_old; i++)
    {
      VarveImageFile *file = g_new0 (VarveImageFile, 1);
      file->content.size_bytes = old[i].size_bytes;
      file->hash = old[i].hash;
      file->names = g_ptr_array_new ();
      g_ptr_array_add (file->names, (gpointer)old[i].name);
      g_ptr_array_add (files->files, file);
    }
  return files;
}

static const OldFile OLD[] = {
  { "usr/bin/tool", 1000, 11 },
  { "usr/lib/libssl.so.3.0.1", 2000, 12 },
  { "usr/lib/modules/6.1.0-54-amd64/net/a.ko", 3000, 13 },
  { "usr/lib/modules/6.1.0-54-amd64/fs/a.ko", 3010, 14 },
  { "usr/lib/modules/6.1.0-53-amd64/net/a.ko", 2900, 15 },
  { "usr/share/x/data", 4000, 16 },
  { "usr/share/y/data", 5000, 17 },
  { "opt/small", 10, 18 },
};

static const char *
find (const VarveSources *sources, const char *name, guint64 size_bytes, guint64 hash)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer)name);
  VarveWanted wanted = { .names = names, .size_bytes = size_bytes, .hash = hash };
  const VarveUnit *unit = varve_sources_find (sources, &wanted, VARVE_SOURCES_PLAIN);
  return unit != NULL ? unit->file_name : NULL;
}

static void
test_whole (void)
{
  static const struct {
    const char *name;
    guint64 size_bytes, hash;
    const char *expected;
  } CASES[] = {
    { "usr/bin/other", 4000, 16, "usr/share/x/data" }, /* equal content first */
    { "usr/bin/tool", 4000, 16, "usr/share/x/data" },  /* also before the path */
    { "usr/bin/tool", 4001, 16, "usr/bin/tool" },      /* the hash of another size is not equal */
    { "usr/bin/tool", 1100, 0, "usr/bin/tool" },       /* the path */
    { "usr/bin/tool", 64000, 0, "usr/bin/tool" },      /* up to 64 times the size */
    { "usr/bin/tool", 65000, 0, NULL },                /* and no more */
    { "opt/small", 720, 0, NULL },
    { "usr/lib/libssl.so.3.2.0", 2500, 0, "usr/lib/libssl.so.3.0.1" }, /* the path without versions */
    { "usr/lib64/libssl.so.4", 2500, 0, "usr/lib/libssl.so.3.0.1" },   /* the file name without versions */
    { "usr/lib/modules/6.1.0-55-amd64/net/a.ko", 2990, 0, "usr/lib/modules/6.1.0-54-amd64/net/a.ko" }, /* by size */
    { "usr/lib/modules/6.1.0-55-amd64/net/a.ko", 2800, 0, "usr/lib/modules/6.1.0-53-amd64/net/a.ko" },
    { "usr/lib/modules/6.1.0-55-amd64/fs/a.ko", 2900, 0, "usr/lib/modules/6.1.0-54-amd64/fs/a.ko" },
    { "usr/lib/modules/6.2-rt/x/fs/a.ko", 2900, 0, "usr/lib/modules/6.1.0-54-amd64/fs/a.ko" }, /* by trailing folders */
    { "srv/data", 4900, 0, "usr/share/y/data" }, /* among equal names by size */
    { "srv/nothing", 1000, 0, NULL },
  };
  g_autoptr (VarveImageFiles) files = files_new (OLD, G_N_ELEMENTS (OLD));
  g_autoptr (VarveSources) sources = varve_sources_new (files);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("case %u", i);
      g_assert_cmpstr (find (sources, CASES[i].name, CASES[i].size_bytes, CASES[i].hash), ==, CASES[i].expected);
    }
  g_assert_false (varve_sources_has_equal (sources, 0, 1000));
  g_assert_false (varve_sources_has_equal (sources, 11, 1001));
  g_assert_true (varve_sources_has_equal (sources, 11, 1000));
}

/* A header, a compressed stream with a cpio member in it, a trailer. */
static VarveAnatomy *
anatomy_new (void)
{
  VarveAnatomy *anatomy = g_new0 (VarveAnatomy, 1);
  VarvePiece pieces[] = {
    { .kind = VARVE_PIECE_RAW, .content = { 0, 100 }, .at = 0 },
    { .kind = VARVE_PIECE_BEGIN,
      .content = { 110, 890 },
      .at = 110,
      .header_bytes = 10,
      .codec = VARVE_CODEC_GZIP,
      .end = 7 },
    { .kind = VARVE_PIECE_RAW, .content = { 5000, 200 }, .at = 0 },
    { .kind = VARVE_PIECE_RAW, .content = { 5200, 3000 }, .at = 200, .name = "usr/lib/modules/6.1/a.ko" },
    { .kind = VARVE_PIECE_BEGIN,
      .content = { 8200, 40 },
      .at = 3200,
      .hash = 21,
      .codec = VARVE_CODEC_XZ,
      .plain_bytes = 90,
      .end = 6 },
    { .kind = VARVE_PIECE_RAW, .content = { 9000, 90 }, .at = 0, .name = "usr/share/x" },
    { .kind = VARVE_PIECE_END },
    { .kind = VARVE_PIECE_END },
    { .kind = VARVE_PIECE_RAW, .content = { 1000, 60 }, .at = 1000 },
  };
  anatomy->pieces = g_array_new (FALSE, FALSE, sizeof (VarvePiece));
  anatomy->strings = g_string_chunk_new (16);
  g_array_append_vals (anatomy->pieces, pieces, G_N_ELEMENTS (pieces));
  return anatomy;
}

static void
test_inside (void)
{
  static const OldFile INITRAMFS[] = { { "boot/initramfs-6.1.img", 1060, 20 } };
  g_autoptr (VarveImageFiles) files = files_new (INITRAMFS, 1);
  g_autoptr (VarveAnatomy) anatomy = anatomy_new ();
  g_autoptr (VarveSources) sources = varve_sources_new (files);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer) "boot/initramfs-6.2.img");
  varve_sources_add_inside (sources, files->files->pdata[0], anatomy);

  VarveWanted member = { .names = names, .name = "usr/lib/modules/6.2/a.ko", .size_bytes = 3100 };
  const VarveUnit *unit = varve_sources_find (sources, &member, VARVE_SOURCES_INSIDE);
  g_assert_cmpstr (unit->file_name, ==, "boot/initramfs-6.1.img");
  g_assert_cmpuint (unit->n_steps, ==, 1);
  g_assert_cmpuint (unit->steps[0].codec, ==, VARVE_CODEC_GZIP);
  g_assert_cmpuint (unit->steps[0].at, ==, 100); /* with the header */
  g_assert_cmpuint (unit->steps[0].size_bytes, ==, 900);
  g_assert_cmpuint (unit->at, ==, 200);
  g_assert_cmpuint (unit->content.at, ==, 5200);
  g_assert_null (varve_sources_find (sources, &member, VARVE_SOURCES_PLAIN)); /* tar-diff cannot decode */

  /* The pieces replace the file, except for tar-diff. */
  VarveWanted whole = { .names = names, .size_bytes = 1060 };
  unit = varve_sources_find (sources, &whole, VARVE_SOURCES_INSIDE);
  g_assert_cmpuint (unit->content.size_bytes, !=, 1060);
  unit = varve_sources_find (sources, &whole, VARVE_SOURCES_PLAIN);
  g_assert_cmpuint (unit->content.size_bytes, ==, 1060);
  g_assert_true (varve_sources_find_file (sources, names, 1060) == files->files->pdata[0]);

  /* Equal bytes that must be decoded first are not for tar-diff. */
  g_assert_nonnull (varve_sources_find_equal (sources, 21, 40, VARVE_SOURCES_INSIDE));
  g_assert_null (varve_sources_find_equal (sources, 21, 40, VARVE_SOURCES_PLAIN));
  g_assert_false (varve_sources_has_equal (sources, 21, 40));

  /* Equal content is found even so. */
  whole.hash = 20;
  unit = varve_sources_find (sources, &whole, VARVE_SOURCES_INSIDE);
  g_assert_cmpuint (unit->content.size_bytes, ==, 1060);
}

/* Among files whose names differ in a number only, the one with the same number. */
static void
test_numbers (void)
{
  static const OldFile CODECS[] = {
    { "usr/lib/modules/6.1/rt5640.ko", 1000, 30 },
    { "usr/lib/modules/6.1/rt5645.ko", 1010, 31 },
  };
  g_autoptr (VarveImageFiles) files = files_new (CODECS, G_N_ELEMENTS (CODECS));
  g_autoptr (VarveSources) sources = varve_sources_new (files);
  g_assert_cmpstr (find (sources, "usr/lib/modules/6.2/rt5645.ko", 1000, 0), ==, CODECS[1].name);
  g_assert_cmpstr (find (sources, "usr/lib/modules/6.2/rt5640.ko", 1010, 0), ==, CODECS[0].name);
  g_assert_cmpstr (find (sources, "usr/lib/modules/6.2/rt5670.ko", 1010, 0), ==, CODECS[1].name); /* by size */
}

/* A unified kernel image: the headers, a kernel with a compressed part, a command line, padding. */
static VarveAnatomy *
uki_anatomy_new (void)
{
  VarveAnatomy *anatomy = g_new0 (VarveAnatomy, 1);
  VarvePiece pieces[] = {
    { .kind = VARVE_PIECE_RAW, .content = { 0, 500 }, .at = 0 },
    { .kind = VARVE_PIECE_SECTION,
      .content = { 500, 1000 },
      .at = 500,
      .name = VARVE_PIECE_LINUX,
      .hash = 41,
      .end = 5 },
    { .kind = VARVE_PIECE_RAW, .content = { 500, 100 }, .at = 500, .name = VARVE_PIECE_LINUX },
    { .kind = VARVE_PIECE_BEGIN,
      .content = { 600, 900 },
      .at = 600,
      .name = VARVE_PIECE_LINUX,
      .hash = 42,
      .codec = VARVE_CODEC_ZSTD,
      .plain_bytes = 7000,
      .end = 5 },
    { .kind = VARVE_PIECE_RAW, .content = { 5000, 7000 }, .at = 0, .name = VARVE_PIECE_LINUX },
    { .kind = VARVE_PIECE_END },
    { .kind = VARVE_PIECE_SECTION, .content = { 1500, 60 }, .at = 1500, .name = "/.cmdline", .hash = 43, .end = 7 },
    { .kind = VARVE_PIECE_RAW, .content = { 1500, 60 }, .at = 1500, .name = "/.cmdline" },
    { .kind = VARVE_PIECE_RAW, .content = { 1560, 440 }, .at = 1560 },
  };
  anatomy->pieces = g_array_new (FALSE, FALSE, sizeof (VarvePiece));
  anatomy->strings = g_string_chunk_new (16);
  g_array_append_vals (anatomy->pieces, pieces, G_N_ELEMENTS (pieces));
  return anatomy;
}

static void
test_sections (void)
{
  static const OldFile UKI[] = { { "boot/EFI/Linux/6.1.efi", 2000, 40 } };
  g_autoptr (VarveImageFiles) files = files_new (UKI, 1);
  g_autoptr (VarveAnatomy) anatomy = uki_anatomy_new ();
  g_autoptr (VarveSources) sources = varve_sources_new (files);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer) "usr/lib/modules/6.2/vmlinuz");

  /* Known by its content before the file is looked into. */
  g_assert_false (varve_sources_has_equal (sources, 41, 1000));
  varve_sources_add_equal (sources, files->files->pdata[0], (VarveExtent){ 500, 1000 }, 41);
  g_assert_true (varve_sources_has_equal (sources, 41, 1000));
  varve_sources_add_inside (sources, files->files->pdata[0], anatomy);
  const VarveUnit *unit = varve_sources_find_equal (sources, 41, 1000, VARVE_SOURCES_PLAIN);
  g_assert_cmpuint (unit->at, ==, 500);
  g_assert_false (unit->is_whole);
  g_assert_nonnull (varve_sources_find_equal (sources, 43, 60, VARVE_SOURCES_PLAIN));
  unit = varve_sources_find_equal (sources, 42, 900, VARVE_SOURCES_PLAIN); /* as it is, not decoded */
  g_assert_cmpuint (unit->at, ==, 600);
  g_assert_cmpuint (unit->n_steps, ==, 0);

  /* A file of another name, by its role; a section, by its name. */
  VarveWanted kernel = { .names = names, .size_bytes = 7100 };
  g_assert_null (varve_sources_find (sources, &kernel, VARVE_SOURCES_INSIDE));
  kernel.role = VARVE_PIECE_LINUX;
  unit = varve_sources_find (sources, &kernel, VARVE_SOURCES_INSIDE);
  g_assert_cmpuint (unit->n_steps, ==, 1);
  g_assert_cmpuint (unit->stream_bytes, ==, 7000);
  unit = varve_sources_find (sources, &kernel, VARVE_SOURCES_PLAIN);
  g_assert_cmpuint (unit->n_steps, ==, 0);
  g_assert_cmpuint (unit->stream_bytes, ==, 2000);
  VarveWanted cmdline = { .names = names, .name = "/.cmdline", .size_bytes = 70 };
  g_assert_cmpuint (varve_sources_find (sources, &cmdline, VARVE_SOURCES_INSIDE)->at, ==, 1500);
}

/* A section that has no counterpart of its name is made from a file with its role. */
static void
test_roles (void)
{
  static const OldFile FILES[] = { { "boot/vmlinuz-6.1", 1000, 50 }, { "srv/other", 1001, 51 } };
  g_autoptr (VarveImageFiles) files = files_new (FILES, G_N_ELEMENTS (FILES));
  g_autoptr (VarveSources) sources = varve_sources_new (files);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer) "boot/EFI/Linux/6.2.efi");
  VarveWanted section = { .names = names, .name = VARVE_PIECE_LINUX, .size_bytes = 1001 };
  g_assert_null (varve_sources_find (sources, &section, VARVE_SOURCES_PLAIN));
  varve_sources_add_role (sources, files->files->pdata[0], VARVE_PIECE_LINUX);
  g_assert_cmpstr (varve_sources_find (sources, &section, VARVE_SOURCES_PLAIN)->file_name, ==, "boot/vmlinuz-6.1");
}

/* Where names say nothing, units of one old file stay together. */
static void
test_preferred (void)
{
  static const OldFile UKIS[] = { { "boot/EFI/Linux/6.1.efi", 2000, 60 }, { "boot/EFI/Linux/6.1-rt.efi", 2000, 61 } };
  g_autoptr (VarveImageFiles) files = files_new (UKIS, G_N_ELEMENTS (UKIS));
  g_autoptr (VarveAnatomy) one = uki_anatomy_new (), two = uki_anatomy_new ();
  g_autoptr (VarveSources) sources = varve_sources_new (files);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer) "boot/EFI/Linux/6.2-rt.efi");
  g_array_index (two->pieces, VarvePiece, 7).content.size_bytes = 100; /* its command line is longer */
  varve_sources_add_inside (sources, files->files->pdata[0], one);
  varve_sources_add_inside (sources, files->files->pdata[1], two);
  VarveWanted cmdline = { .names = names, .name = "/.cmdline", .size_bytes = 60 };
  g_assert_true (varve_sources_find (sources, &cmdline, VARVE_SOURCES_INSIDE)->file == files->files->pdata[0]);
  cmdline.preferred = files->files->pdata[1];
  g_assert_true (varve_sources_find (sources, &cmdline, VARVE_SOURCES_INSIDE)->file == files->files->pdata[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sources/whole", test_whole);
  g_test_add_func ("/sources/inside", test_inside);
  g_test_add_func ("/sources/numbers", test_numbers);
  g_test_add_func ("/sources/sections", test_sections);
  g_test_add_func ("/sources/roles", test_roles);
  g_test_add_func ("/sources/preferred", test_preferred);
  return g_test_run ();
}
