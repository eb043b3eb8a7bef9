/* SPDX-License-Identifier: Apache-2.0 */
/* A system of a million files takes about 300 MB. */
#include "model/tree.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"

#define NAME_MAX_BYTES 255

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

void
varve_tree_contents_free (VarveTreeContents *contents)
{
  contents->free (contents);
}

VarveTreeInode *
varve_tree_inode_new (guint32 mode, guint32 uid, guint32 gid)
{
  VarveTreeInode *inode = g_new0 (VarveTreeInode, 1);
  *inode = (VarveTreeInode){ .mode = mode, .uid = uid, .gid = gid, .xattrs = g_bytes_new_static ("", 0) };
  return inode;
}

void
varve_tree_inode_free (VarveTreeInode *inode)
{
  g_bytes_unref (inode->xattrs);
  g_free (inode->symlink_target);
  g_free (inode->origin);
  g_free (inode);
}

VarveContentHeader
varve_tree_inode_header (const VarveTreeInode *inode)
{
  return (VarveContentHeader){
    .uid = inode->uid,
    .gid = inode->gid,
    .mode = inode->mode,
    .symlink_target = inode->symlink_target,
    .xattrs = inode->xattrs,
  };
}

static VarveTreeNode *
node_new (VarveTreeInode *inode)
{
  VarveTreeNode *node = g_new0 (VarveTreeNode, 1);
  node->inode = inode;
  node->inode->n_paths++;
  if (S_ISDIR (inode->mode))
    node->children = g_tree_new_full (compare_names, NULL, g_free, NULL);
  return node;
}

static void
node_free (VarveTree *tree, VarveTreeNode *node)
{
  if (node->children != NULL)
    for (GTreeNode *child = g_tree_node_first (node->children); child != NULL; child = g_tree_node_next (child))
      node_free (tree, g_tree_node_value (child));
  g_clear_pointer (&node->children, g_tree_unref);
  if (--node->inode->n_paths == 0)
    {
      if (tree->contents != NULL && tree->contents->forget != NULL)
        tree->contents->forget (tree->contents, node->inode);
      varve_tree_inode_free (node->inode);
    }
  g_free (node);
  tree->n_nodes--;
}

VarveTree *
varve_tree_new (VarveTreeContents *contents)
{
  VarveTree *tree = g_new0 (VarveTree, 1);
  *tree = (VarveTree){ .root = node_new (varve_tree_inode_new (S_IFDIR | 0755, 0, 0)),
                       .contents = contents,
                       .n_nodes = 1 };
  return tree;
}

void
varve_tree_free (VarveTree *tree)
{
  tree->contents = NULL; /* no forget() for each inode */
  node_free (tree, tree->root);
  g_free (tree);
}

gboolean
varve_tree_check_name (const char *name, GError **error)
{
  gsize length = strlen (name);
  const char *problem = NULL;
  if (length == 0 || strchr (name, '/') != NULL || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    problem = "is not a file name";
  else if (length > NAME_MAX_BYTES)
    problem = "is longer than the limit of " G_STRINGIFY (NAME_MAX_BYTES) " bytes";
  else if (!g_utf8_validate_len (name, length, NULL))
    problem = "is not UTF-8, which OSTree and image importers require: rename it";
  if (problem == NULL)
    return TRUE;
  g_autofree char *escaped = varve_escape (name);
  g_set_error (error, VARVE_ERROR, length > NAME_MAX_BYTES ? VARVE_ERROR_LIMIT : VARVE_ERROR_UNSUPPORTED,
               "the name '%s' %s", escaped, problem);
  return FALSE;
}

VarveTreeNode *
varve_tree_child (const VarveTreeNode *parent, const char *name)
{
  return parent->children != NULL ? g_tree_lookup (parent->children, name) : NULL;
}

VarveTreeNode *
varve_tree_find (const VarveTree *tree, const char *path)
{
  VarveTreeNode *node = tree->root;
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  for (char **name = names; node != NULL && *name != NULL; name++)
    node = varve_tree_child (node, *name);
  return node;
}

VarveTreeNode *
varve_tree_put (VarveTree *tree, VarveTreeNode *parent, const char *name, VarveTreeInode *inode)
{
  g_return_val_if_fail (parent->children != NULL, NULL);
  VarveTreeNode *node = node_new (inode); /* before the removal: a link to itself keeps its inode */
  varve_tree_remove (tree, parent, name);
  g_tree_insert (parent->children, g_strdup (name), node);
  tree->n_nodes++;
  return node;
}

void
varve_tree_move (VarveTree *tree, VarveTreeNode *parent, const char *name, VarveTreeNode *new_parent,
                 const char *new_name)
{
  VarveTreeNode *node = varve_tree_child (parent, name);
  g_return_if_fail (node != NULL && varve_tree_child (new_parent, new_name) == NULL);
  g_tree_remove (parent->children, name);
  g_tree_insert (new_parent->children, g_strdup (new_name), node);
}

void
varve_tree_remove (VarveTree *tree, VarveTreeNode *parent, const char *name)
{
  VarveTreeNode *node = varve_tree_child (parent, name);
  if (node == NULL)
    return;
  g_tree_remove (parent->children, name);
  node_free (tree, node);
}

typedef struct {
  VarveTreeVisit func;
  gpointer data;
  GString *path;
} Visit;

static gboolean
visit_node (Visit *visit, VarveTreeNode *node, GError **error)
{
  if (!visit->func (visit->data, visit->path->str, node, error))
    return FALSE;
  if (node->children == NULL)
    return TRUE;
  gsize length = visit->path->len;
  for (GTreeNode *child = g_tree_node_first (node->children); child != NULL; child = g_tree_node_next (child))
    {
      g_string_append (visit->path, length > 0 ? "/" : "");
      g_string_append (visit->path, g_tree_node_key (child));
      if (!visit_node (visit, g_tree_node_value (child), error))
        return FALSE;
      g_string_truncate (visit->path, length);
    }
  return TRUE;
}

gboolean
varve_tree_visit (const VarveTree *tree, VarveTreeVisit func, gpointer data, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  Visit visit = { .func = func, .data = data, .path = path };
  return visit_node (&visit, tree->root, error);
}
