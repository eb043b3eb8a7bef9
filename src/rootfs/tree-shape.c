/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which folders of a running system an image does not have, and where it has /etc. */
#include "rootfs/tree-shape.h"

#include <string.h>

#include "base/error.h"

static const char *const RUNTIME[] = { "run", "tmp", "dev", "proc", "sys" };

gboolean
varve_tree_shape_is_runtime (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (RUNTIME); i++)
    if (g_str_equal (path, RUNTIME[i]))
      return TRUE;
  return FALSE;
}

/* Keeps the folder itself. */
static void
shape_empty (VarveTree *tree, const char *path, VarveSkippedKind kind, VarveSkipped *skipped)
{
  VarveTreeNode *node = varve_tree_child (tree->root, path);
  GTreeNode *child;
  if (node == NULL || node->children == NULL)
    return;
  while ((child = g_tree_node_first (node->children)) != NULL)
    {
      g_autofree char *name = g_strdup (g_tree_node_key (child));
      g_autofree char *where = g_strconcat (path, "/", name, NULL);
      varve_skipped_add (skipped, kind, where);
      varve_tree_remove (tree, node, name);
    }
}

static gboolean
shape_is_empty (const VarveTreeNode *node)
{
  return node->children != NULL && g_tree_nnodes (node->children) == 0;
}

static gboolean
shape_move_etc (VarveTree *tree, GError **error)
{
  VarveTreeNode *etc = varve_tree_find (tree, "etc"), *usr_etc = varve_tree_find (tree, "usr/etc");
  if (etc == NULL || etc->children == NULL)
    return TRUE;
  if (usr_etc != NULL && !shape_is_empty (usr_etc) && !shape_is_empty (etc))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                           "both /etc and /usr/etc have files, and an OSTree host has only one /etc: move the files of "
                           "/usr/etc into /etc");
      return FALSE;
    }
  if (usr_etc != NULL && !shape_is_empty (usr_etc))
    {
      varve_tree_remove (tree, tree->root, "etc");
      return TRUE;
    }
  VarveTreeNode *usr = varve_tree_child (tree->root, "usr");
  if (usr == NULL)
    usr = varve_tree_put (tree, tree->root, "usr", varve_tree_inode_new (tree->root->inode->mode, 0, 0));
  if (usr->children == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                           "/usr is not a folder: an OSTree commit has /etc as /usr/etc");
      return FALSE;
    }
  varve_tree_remove (tree, usr, "etc");
  varve_tree_move (tree, tree->root, "etc", usr, "etc");
  return TRUE;
}

gboolean
varve_tree_shape (VarveTree *tree, VarveTreeShapeFlags flags, VarveSkipped *skipped, GError **error)
{
  if ((flags & VARVE_TREE_SHAPE_RUNTIME) != 0)
    for (guint i = 0; i < G_N_ELEMENTS (RUNTIME); i++)
      shape_empty (tree, RUNTIME[i], VARVE_SKIPPED_RUNTIME, skipped);
  shape_empty (tree, "sysroot", VARVE_SKIPPED_REPO, skipped);
  if (varve_tree_child (tree->root, "lost+found") != NULL)
    {
      varve_skipped_add (skipped, VARVE_SKIPPED_DISK, "lost+found");
      varve_tree_remove (tree, tree->root, "lost+found");
    }
  return (flags & VARVE_TREE_SHAPE_OSTREE) == 0 || shape_move_etc (tree, error);
}
