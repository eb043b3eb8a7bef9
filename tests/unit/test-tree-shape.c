/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs/tree-shape and model/skipped-entries: where /etc goes, and what is skipped. */
#include "rootfs/tree-shape.h"

#include <sys/stat.h>

static VarveTree *
tree_of (const char *const *paths)
{
  VarveTree *tree = varve_tree_new (NULL);
  for (; *paths != NULL; paths++)
    {
      g_auto (GStrv) names = g_strsplit (*paths, "/", -1);
      VarveTreeNode *node = tree->root;
      for (guint i = 0; names[i] != NULL && names[i][0] != '\0'; i++)
        {
          gboolean is_folder = names[i + 1] != NULL;
          VarveTreeNode *child = varve_tree_child (node, names[i]);
          node = child != NULL
                     ? child
                     : varve_tree_put (tree, node, names[i],
                                       varve_tree_inode_new (is_folder ? S_IFDIR | 0755 : S_IFREG | 0644, 0, 0));
        }
    }
  return tree;
}

#define TREE(...) tree_of ((const char *const[]){ __VA_ARGS__, NULL })

static gboolean
append_path (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  if (node->children == NULL || g_tree_nnodes (node->children) == 0)
    g_string_append_printf (data, "%s%s ", path, node->children != NULL ? "/" : "");
  return TRUE;
}

static void
assert_shape (VarveTree *tree, VarveTreeShapeFlags flags, const char *expected)
{
  g_autoptr (VarveTree) owned = tree;
  g_autoptr (GString) found = g_string_new (NULL);
  VarveSkipped skipped = { 0 };
  g_autoptr (GError) error = NULL;
  if (!varve_tree_shape (tree, flags, &skipped, &error))
    g_string_append (found, "refused");
  else
    g_assert_true (varve_tree_visit (tree, append_path, found, NULL));
  g_assert_cmpstr (found->str, ==, expected);
  varve_skipped_clear (&skipped);
}

static void
test_etc (void)
{
  assert_shape (TREE ("etc/passwd", "usr/bin/x"), VARVE_TREE_SHAPE_OSTREE, "usr/bin/x usr/etc/passwd ");
  assert_shape (TREE ("etc/passwd"), VARVE_TREE_SHAPE_OSTREE, "usr/etc/passwd ");
  assert_shape (TREE ("etc/passwd"), 0, "etc/passwd ");
  assert_shape (TREE ("etc/passwd", "usr/etc/"), VARVE_TREE_SHAPE_OSTREE, "usr/etc/passwd ");
  assert_shape (TREE ("etc/", "usr/etc/passwd"), VARVE_TREE_SHAPE_OSTREE, "usr/etc/passwd ");
  assert_shape (TREE ("etc/passwd", "usr/etc/shadow"), VARVE_TREE_SHAPE_OSTREE, "refused");
  assert_shape (TREE ("etc/passwd", "usr/etc/shadow"), 0, "etc/passwd usr/etc/shadow ");
  assert_shape (TREE ("etc/passwd", "usr"), VARVE_TREE_SHAPE_OSTREE, "refused");
}

static void
test_skipped (void)
{
  assert_shape (TREE ("run/a/b", "tmp/c", "sysroot/ostree/repo/config", "lost+found/", "x"), VARVE_TREE_SHAPE_RUNTIME,
                "run/ sysroot/ tmp/ x ");
  assert_shape (TREE ("run/a/b", "tmp/c"), 0, "run/a/b tmp/c ");
}

static void
test_report (void)
{
  g_autoptr (VarveObserver) observer = varve_observer_new ();
  VarveSkipped skipped = { 0 };
  varve_skipped_report (&skipped, observer);
  g_assert_null (varve_observer_take_warning (observer));
  varve_skipped_add (&skipped, VARVE_SKIPPED_SPECIAL, "dev/null");
  varve_skipped_add (&skipped, VARVE_SKIPPED_RUNTIME, "run/a");
  varve_skipped_add (&skipped, VARVE_SKIPPED_RUNTIME, "run/b");
  varve_skipped_report (&skipped, observer);
  g_autofree char *warning = varve_observer_take_warning (observer);
  g_assert_cmpstr (warning, ==,
                   "skipped: entries below run, tmp, dev, proc and sys (2, first '/run/a'); devices, sockets and fifos "
                   "(1, first '/dev/null')");
  g_assert_null (varve_observer_take_warning (observer));
  varve_skipped_clear (&skipped);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree-shape/etc", test_etc);
  g_test_add_func ("/tree-shape/skipped", test_skipped);
  g_test_add_func ("/skipped/report", test_report);
  return g_test_run ();
}
