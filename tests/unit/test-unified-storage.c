/* SPDX-License-Identifier: Apache-2.0 */
/* host/unified-storage: names with and without a tag, and lists that are not what they should be. */
#include "host/unified-storage.h"

#include <glib/gstdio.h>

static void
test_names (void)
{
  static const struct {
    const char *list, *image;
    gboolean has;
  } CASES[] = {
    { "[{\"id\":\"x\",\"names\":[\"quay.io/os:latest\"]}]", "docker://quay.io/os", TRUE },
    { "[{\"id\":\"x\",\"names\":[\"quay.io/os:latest\"]}]", "docker://quay.io/os:1", FALSE },
    { "[{\"id\":\"x\"},{\"id\":\"y\",\"names\":[7,\"quay.io:443/os:1\"]},7]", "docker://quay.io:443/os:1", TRUE },
    { "[{\"id\":\"y\",\"names\":[\"quay.io:443/os:latest\"]}]", "docker://quay.io:443/os", TRUE },
    { "[]", "docker://quay.io/os", FALSE },
    { "{}", "docker://quay.io/os", FALSE },
  };
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL),
                  *images = g_build_filename (folder, "overlay-images", NULL);
  g_autofree char *path = g_build_filename (images, "images.json", NULL);
  gboolean has = TRUE;
  g_assert_true (varve_unified_storage_has (folder, "docker://x/y", &has, NULL));
  g_assert_false (has);
  g_assert_cmpint (g_mkdir (images, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (g_file_set_contents (path, CASES[i].list, -1, NULL));
      g_assert_true (varve_unified_storage_has (folder, CASES[i].image, &has, &error));
      g_assert_cmpint (has, ==, CASES[i].has);
    }
  g_assert_true (g_file_set_contents (path, "[{\"names\":[],\"Names\":[\"x/y:latest\"]}]", -1, NULL));
  g_assert_false (varve_unified_storage_has (folder, "docker://x/y", &has, NULL));
  g_assert_true (g_file_set_contents (path, "[", -1, NULL));
  g_assert_false (varve_unified_storage_has (folder, "docker://x/y", &has, NULL));
  g_unlink (path);
  g_rmdir (images);
  g_rmdir (folder);
}

/* Only what had the name and nothing else, and has no name now. */
static void
test_former (void)
{
  static const char LIST[] = "[{\"id\":\"%s\",\"names-history\":[\"x/y:latest\"]},"
                             "{\"id\":\"b\",\"names-history\":[\"x/y:latest\"]},"
                             "{\"id\":\"%s\",\"names\":[\"x/y:latest\"],\"names-history\":[\"x/y:latest\"]},"
                             "{\"id\":\"%s\",\"names\":[],\"names-history\":[\"x/y:latest\",\"x/z:latest\"]},"
                             "{\"id\":\"%s\",\"names\":[],\"names-history\":[\"x/z:latest\"]},{\"id\":\"%s\"}]";
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL),
                  *images = g_build_filename (folder, "overlay-images", NULL);
  g_autofree char *path = g_build_filename (images, "images.json", NULL), *id = g_strnfill (64, 'a'),
                  *other = g_strnfill (64, 'c');
  g_autofree char *text = g_strdup_printf (LIST, id, other, other, other, other);
  g_assert_cmpint (g_mkdir (images, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_autoptr (GPtrArray) former = varve_unified_storage_former (folder, "x/y:latest", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (former->len, ==, 1);
  g_assert_cmpstr (former->pdata[0], ==, id);
  g_unlink (path);
  g_rmdir (images);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unified-storage/names", test_names);
  g_test_add_func ("/unified-storage/former", test_former);
  return g_test_run ();
}
