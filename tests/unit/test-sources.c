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
  g_assert_null (varve_sources_find_equal (sources, 0, 1000));
  g_assert_null (varve_sources_find_equal (sources, 11, 1001));
  g_assert_true (varve_sources_find_equal (sources, 11, 1000) == files->files->pdata[0]);
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
      .end = 4 },
    { .kind = VARVE_PIECE_RAW, .content = { 5000, 200 }, .at = 0 },
    { .kind = VARVE_PIECE_RAW, .content = { 5200, 3000 }, .at = 200, .name = "usr/lib/modules/6.1/a.ko" },
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

  /* Equal content is found even so. */
  whole.hash = 20;
  unit = varve_sources_find (sources, &whole, VARVE_SOURCES_INSIDE);
  g_assert_cmpuint (unit->content.size_bytes, ==, 1060);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sources/whole", test_whole);
  g_test_add_func ("/sources/inside", test_inside);
  return g_test_run ();
}
