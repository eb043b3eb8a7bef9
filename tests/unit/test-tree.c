/* SPDX-License-Identifier: Apache-2.0 */
/* model/tree: hard links, replacing, order; the names that it takes. */
#include "model/tree.h"

#include <string.h>
#include <sys/stat.h>

typedef struct {
  VarveTreeContents contents;
  guint n_forgotten;
} Contents;

static void
forget (VarveTreeContents *contents, const VarveTreeInode *inode)
{
  ((Contents *)contents)->n_forgotten++;
}

static VarveTreeNode *
put (VarveTree *tree, const char *folder, const char *name, guint32 mode)
{
  return varve_tree_put (tree, varve_tree_find (tree, folder), name, varve_tree_inode_new (mode, 0, 0));
}

static void
test_hard_links (void)
{
  Contents contents = { .contents.forget = forget };
  g_autoptr (VarveTree) tree = varve_tree_new (&contents.contents);
  VarveTreeNode *first = put (tree, "", "first", S_IFREG | 0644);
  put (tree, "", "folder", S_IFDIR | 0755);
  VarveTreeInode *inode = first->inode;
  varve_tree_put (tree, varve_tree_find (tree, "folder"), "second", inode);
  g_assert_cmpuint (inode->n_paths, ==, 2);
  g_assert_true (varve_tree_find (tree, "folder/second")->inode == inode);
  varve_tree_remove (tree, tree->root, "first");
  g_assert_cmpuint (inode->n_paths, ==, 1);
  g_assert_cmpuint (contents.n_forgotten, ==, 0);
  /* A link to itself keeps what it links to. */
  varve_tree_put (tree, varve_tree_find (tree, "folder"), "second", inode);
  g_assert_cmpuint (inode->n_paths, ==, 1);
  varve_tree_remove (tree, tree->root, "folder");
  g_assert_cmpuint (contents.n_forgotten, ==, 2); /* the folder has an inode too */
  g_assert_cmpuint (tree->n_nodes, ==, 1);
}

static void
test_replacing (void)
{
  g_autoptr (VarveTree) tree = varve_tree_new (NULL);
  put (tree, "", "a", S_IFDIR | 0755);
  put (tree, "a", "b", S_IFREG | 0644);
  g_assert_cmpuint (tree->n_nodes, ==, 3);
  put (tree, "", "a", S_IFREG | 0600);
  g_assert_cmpuint (tree->n_nodes, ==, 2);
  g_assert_null (varve_tree_find (tree, "a/b"));
  put (tree, "", "c", S_IFDIR | 0755);
  varve_tree_move (tree, tree->root, "a", varve_tree_find (tree, "c"), "d");
  g_assert_null (varve_tree_find (tree, "a"));
  g_assert_cmpuint (varve_tree_find (tree, "c/d")->inode->mode, ==, S_IFREG | 0600);
}

static gboolean
append_path (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  g_string_append_printf (data, "/%s ", path);
  return TRUE;
}

static void
test_order (void)
{
  g_autoptr (VarveTree) tree = varve_tree_new (NULL);
  g_autoptr (GString) paths = g_string_new (NULL);
  put (tree, "", "b", S_IFREG | 0644);
  put (tree, "", "a", S_IFDIR | 0755);
  put (tree, "a", "\xc3\xa4", S_IFREG | 0644);
  put (tree, "a", "Z", S_IFREG | 0644);
  put (tree, "a", "a", S_IFREG | 0644);
  g_assert_true (varve_tree_visit (tree, append_path, paths, NULL));
  g_assert_cmpstr (paths->str, ==, "/ /a /a/Z /a/a /a/\xc3\xa4 /b ");
}

static void
test_names (void)
{
  char longest[257] = { 0 };
  const char *const bad[] = { "", ".", "..", "a/b", "\xff", "a\xc3" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (varve_tree_check_name (bad[i], NULL));
  memset (longest, 'n', 255);
  g_assert_true (varve_tree_check_name (longest, NULL));
  longest[255] = 'n';
  g_assert_false (varve_tree_check_name (longest, NULL));
  g_assert_true (varve_tree_check_name ("...", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree/hard-links", test_hard_links);
  g_test_add_func ("/tree/replacing", test_replacing);
  g_test_add_func ("/tree/order", test_order);
  g_test_add_func ("/tree/names", test_names);
  return g_test_run ();
}
