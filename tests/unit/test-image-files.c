/* SPDX-License-Identifier: Apache-2.0 */
/* delta/image-files: layers over one another, as a host shows them. */
#include "delta/image-files.h"

#include <string.h>

#include "emit/tar.h"
#include "tests/unit/memory-layer.h"

/* "name" is a file with its name as content, "name/" a directory, "name=target" a hard link, "name>target" a symlink,
 * "name!" an empty file. */
static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static GBytes *
make_tar (const char *const *entries)
{
  g_autoptr (GByteArray) tar = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = tar };
  for (; *entries != NULL; entries++)
    {
      gsize length = strcspn (*entries, "=>!");
      g_autofree char *name = g_strndup (*entries, length);
      VarveTarEntry entry = { .type = VARVE_TAR_FILE, .name = name, .mode = 0644 };
      char mark = (*entries)[length];
      if (mark == '=' || mark == '>')
        {
          entry.type = mark == '=' ? VARVE_TAR_HARD_LINK : VARVE_TAR_SYMLINK;
          entry.link_name = *entries + length + 1;
        }
      else if (g_str_has_suffix (name, "/"))
        entry.type = VARVE_TAR_DIRECTORY;
      else if (mark != '!')
        entry.size_bytes = length;
      g_assert_true (varve_tar_write_entry (&sink, &entry, NULL));
      if (entry.size_bytes > 0)
        g_byte_array_append (tar, (const guint8 *)name, (guint)length);
      g_assert_true (varve_tar_write_padding (&sink, entry.size_bytes, NULL));
    }
  g_assert_true (varve_tar_write_end (&sink, NULL));
  return g_byte_array_free_to_bytes (g_steal_pointer (&tar));
}

#define LAYERS_MAX 3
#define ENTRIES_MAX 8

/* "name:content …", sorted by name. */
static char *
read_layers (const char *const layers[LAYERS_MAX][ENTRIES_MAX])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveImage) image = memory_image_new ();
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (NULL, NULL);
  for (guint i = 0; i < LAYERS_MAX && layers[i][0] != NULL; i++)
    {
      g_autoptr (GBytes) tar = make_tar (layers[i]);
      memory_image_add (image, tar);
    }
  VarveImageFilesOptions options = { .kind = VARVE_TAR_MAP_PLAIN, .jobs = 1, .spool = spool };
  g_autoptr (VarveImageFiles) files = varve_image_files_read (image, &options, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (files->by_name), (GCompareFunc)strcmp);
  g_autoptr (GString) text = g_string_new (NULL);
  for (GList *name = names; name != NULL; name = name->next)
    {
      const VarveImageFile *file = g_hash_table_lookup (files->by_name, name->data);
      g_autofree char *content = (char *)varve_extent_file_load (spool, file->content, &error);
      g_assert_no_error (error);
      g_string_append_printf (text, "%s%s:%.*s", text->len > 0 ? " " : "", (char *)name->data,
                              (int)file->content.size_bytes, content);
    }
  for (guint i = 0; i < files->files->len; i++)
    g_assert_cmpuint (((VarveImageFile *)files->files->pdata[i])->names->len, >, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_layers (void)
{
  static const struct {
    const char *layers[LAYERS_MAX][ENTRIES_MAX];
    const char *expected;
  } CASES[] = {
    { { { "usr/", "usr/a", "usr/b" } }, "usr/a:usr/a usr/b:usr/b" },
    { { { "./usr/a", "/b", "usr/none!", "usr/link>a" } }, "b:/b usr/a:./usr/a" },
    { { { "a" }, { "a!" } }, "" },
    { { { "a" }, { "a>b" } }, "" },
    { { { "a" }, { "a/" } }, "" },
    { { { "sysroot/ostree/repo/objects/x", "usr/a=sysroot/ostree/repo/objects/x" } },
      "usr/a:sysroot/ostree/repo/objects/x" },
    { { { "a", "b=a" }, { "a!" } }, "b:a" },
    /* whiteouts */
    { { { "usr/a", "usr/b", "usr/bc" }, { "usr/.wh.b" } }, "usr/a:usr/a usr/bc:usr/bc" },
    { { { "usr/a", "lib/x" }, { ".wh.usr" } }, "lib/x:lib/x" },
    { { { "usr/a", "lib/x" }, { "usr/.wh..wh..opq" } }, "lib/x:lib/x" },
    { { { "usr/a", "lib/x" }, { ".wh..wh..opq" } }, "" },
    { { { "usr/a" }, { "usr/b", "usr/.wh..wh..opq", "usr/c" } }, "usr/b:usr/b usr/c:usr/c" },
    { { { "usr/a" }, { "usr/a", "usr/.wh.a" } }, "usr/a:usr/a" },
    { { { "usr/a" }, { "usr/.wh.a" }, { "usr/a" } }, "usr/a:usr/a" },
    { { { "usr/.wh.nothing", "usr/a" } }, "usr/a:usr/a" },
    { { { "usr/a" }, { "usr/.wh." } }, "usr/a:usr/a" },
    /* AUFS's own files are not part of the image */
    { { { ".wh..wh.plnk/x", "usr/.wh..wh.aufs", "usr/a" } }, "usr/a:usr/a" },
    { { { "usr/a" }, { ".wh..wh.plnk/.wh.x", ".wh..wh.orph/" } }, "usr/a:usr/a" },
    /* what is not a directory replaces a directory and all below it */
    { { { "usr/lib/a", "usr/libx" }, { "usr/lib" } }, "usr/lib:usr/lib usr/libx:usr/libx" },
    { { { "usr/lib/a", "b" }, { "usr/lib>../b" } }, "b:b" },
    { { { "usr/lib/a", "b" }, { "usr=b" } }, "b:b usr:b" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *found = read_layers (CASES[i].layers);
      g_test_message ("case %u", i);
      g_assert_cmpstr (found, ==, CASES[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-files/layers", test_layers);
  return g_test_run ();
}
