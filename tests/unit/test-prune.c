/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/prune.h"

#include <sys/stat.h>

#include "base/error.h"

static void
test_check (void)
{
  static const char *const WRONG[] = { "/", "usr", "", "//", "/usr//lib", "/usr/./lib", "/usr/..", "/.", "./usr" };
  const char *const right[] = { "/usr", "/sysroot/", "/a/b/c/", "/.hidden/..name", NULL };
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_prune_check (NULL, &error));
  g_assert_true (varve_prune_check (right, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      const char *const wrong[] = { "/usr", WRONG[i], NULL };
      g_assert_false (varve_prune_check (wrong, &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
      g_clear_error (&error);
    }
}

/* As chunkah's check_prune() decides. */
static void
test_matches (void)
{
  const char *const paths[] = { "/usr/lib", "/sysroot/", NULL };
  g_assert_true (varve_prune_matches (paths, "usr/lib"));
  g_assert_true (varve_prune_matches (paths, "usr/lib/a/b"));
  g_assert_false (varve_prune_matches (paths, "usr/lib64"));
  g_assert_false (varve_prune_matches (paths, "usr"));
  g_assert_false (varve_prune_matches (paths, "lib"));
  g_assert_false (varve_prune_matches (paths, "sysroot"));
  g_assert_true (varve_prune_matches (paths, "sysroot/ostree"));
  g_assert_true (varve_prune_matches (paths, "sysroot/ostree/repo"));
  g_assert_false (varve_prune_matches (paths, "sysroots"));
  g_assert_false (varve_prune_matches (NULL, "usr"));
}

static void
test_wanted (void)
{
  const char *const usual[] = { "/sysroot/", "/sysroot/", NULL }, *const others[] = { "/sysroot/", "/sysroot", NULL };
  g_assert_false (varve_prune_is_wanted (NULL));
  g_assert_false (varve_prune_is_wanted (usual));
  g_assert_true (varve_prune_is_wanted (others));
}

static void
put (VarveTree *tree, const char *path, guint32 mode)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  VarveTreeNode *node = tree->root;
  for (char **name = names; *name != NULL; name++)
    {
      VarveTreeNode *child = varve_tree_child (node, *name);
      guint32 mode_here = name[1] != NULL ? S_IFDIR | 0755 : mode;
      node = child != NULL ? child : varve_tree_put (tree, node, *name, varve_tree_inode_new (mode_here, 0, 0));
    }
}

static gboolean
list_node (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  g_string_append_printf (data, "%s ", path);
  return TRUE;
}

static void
test_tree (void)
{
  const char *const paths[] = { "/usr/lib", "/opt/", "/none/at/all", "/file/", "/usr/none/", "/top", NULL };
  g_autoptr (VarveTree) tree = varve_tree_new (NULL);
  VarveSkipped skipped = { 0 };
  g_autoptr (GString) left = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  put (tree, "usr/lib/a", S_IFREG | 0644);
  put (tree, "usr/lib64", S_IFREG | 0644);
  put (tree, "opt/a/b", S_IFREG | 0644);
  put (tree, "opt/c", S_IFREG | 0644);
  put (tree, "file", S_IFREG | 0644);
  put (tree, "top", S_IFREG | 0644);
  varve_prune_tree (tree, paths, &skipped);
  g_assert_true (varve_tree_visit (tree, list_node, left, &error));
  g_assert_cmpstr (left->str, ==, " file opt usr usr/lib64 ");
  g_assert_cmpuint (skipped.kinds[VARVE_SKIPPED_PRUNED].count, ==, 4);
  g_assert_cmpstr (skipped.kinds[VARVE_SKIPPED_PRUNED].paths->pdata[0], ==, "usr/lib");
  varve_skipped_clear (&skipped);
}

static void
test_unused (void)
{
  const char *const paths[]
      = { "/usr/lib", "/usr/lib/a", "/usr/li", "/opt/", "/etc/secret", "/run/a/b", "/sysroot/x", "/usr/other/", NULL };
  VarveSkipped skipped = { 0 };
  varve_skipped_add (&skipped, VARVE_SKIPPED_PRUNED, "usr/lib");
  varve_skipped_add (&skipped, VARVE_SKIPPED_PRUNED, "opt/a");
  varve_skipped_add (&skipped, VARVE_SKIPPED_RUNTIME, "run/a");
  varve_skipped_add (&skipped, VARVE_SKIPPED_XATTRS, "etc/secret");
  g_autoptr (GPtrArray) unused = varve_prune_find_unused (paths, &skipped),
                        none = varve_prune_find_unused (NULL, &skipped);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (unused->len, ==, 3);
  g_assert_cmpstr (unused->pdata[0], ==, "/usr/li");
  g_assert_cmpstr (unused->pdata[1], ==, "/etc/secret");
  g_assert_cmpstr (unused->pdata[2], ==, "/usr/other/");
  varve_skipped_clear (&skipped);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prune/check", test_check);
  g_test_add_func ("/prune/matches", test_matches);
  g_test_add_func ("/prune/wanted", test_wanted);
  g_test_add_func ("/prune/tree", test_tree);
  g_test_add_func ("/prune/unused", test_unused);
  return g_test_run ();
}
