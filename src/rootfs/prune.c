/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/prune.h"

#include <string.h>

#include "base/error.h"

static gboolean
prune_check_one (const char *path, GError **error)
{
  const char *problem = NULL;
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  guint n_names = g_strv_length (names);
  if (path[0] != '/')
    problem = "expected an absolute path, as '/sysroot/'";
  else if (strcmp (path, "/") == 0)
    problem = "the root cannot be left out";
  for (guint i = 1; problem == NULL && i < n_names; i++)
    if ((names[i][0] == '\0' && i + 1 < n_names) || strcmp (names[i], ".") == 0 || strcmp (names[i], "..") == 0)
      problem = "expected a path without '//', '.' and '..'";
  if (problem == NULL)
    return TRUE;
  g_autofree char *escaped = varve_escape (path);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--prune '%s': %s", escaped, problem);
  return FALSE;
}

gboolean
varve_prune_check (const char *const *paths, GError **error)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    if (!prune_check_one (paths[i], error))
      return FALSE;
  return TRUE;
}

/* After "/a/b" the path must end or go on with a slash; "/a/b/" needs something after it. */
static gboolean
prune_matches_one (const char *pruned, const char *path)
{
  gsize length = strlen (pruned) - 1;
  if (strncmp (path, pruned + 1, length) != 0)
    return FALSE;
  return pruned[length] == '/' ? path[length] != '\0' : path[length] == '\0' || path[length] == '/';
}

gboolean
varve_prune_matches (const char *const *paths, const char *path)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    if (prune_matches_one (paths[i], path))
      return TRUE;
  return FALSE;
}

gboolean
varve_prune_is_wanted (const char *const *paths)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    if (strcmp (paths[i], "/sysroot/") != 0)
      return TRUE;
  return FALSE;
}

static void
prune_remove (VarveTree *tree, VarveTreeNode *parent, const char *name, const char *path, VarveSkipped *skipped)
{
  if (varve_tree_child (parent, name) == NULL)
    return;
  varve_skipped_add (skipped, VARVE_SKIPPED_PRUNED, path);
  varve_tree_remove (tree, parent, name);
}

static void
prune_children (VarveTree *tree, VarveTreeNode *node, const char *path, VarveSkipped *skipped)
{
  GTreeNode *child;
  while (node->children != NULL && (child = g_tree_node_first (node->children)) != NULL)
    {
      g_autofree char *name = g_strdup (g_tree_node_key (child)), *where = g_strconcat (path, "/", name, NULL);
      prune_remove (tree, node, name, where, skipped);
    }
}

void
varve_prune_tree (VarveTree *tree, const char *const *paths, VarveSkipped *skipped)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      gsize length = strlen (paths[i]) - 1;
      gboolean keeps_folder = paths[i][length] == '/';
      g_autofree char *path = g_strndup (paths[i] + 1, keeps_folder ? length - 1 : length);
      char *slash = strrchr (path, '/');
      g_autofree char *folder = g_strndup (path, slash != NULL ? (gsize)(slash - path) : 0);
      VarveTreeNode *node = keeps_folder ? varve_tree_find (tree, path) : NULL;
      VarveTreeNode *parent = slash != NULL ? varve_tree_find (tree, folder) : tree->root;
      if (node != NULL)
        prune_children (tree, node, path, skipped);
      else if (!keeps_folder && parent != NULL)
        prune_remove (tree, parent, slash != NULL ? slash + 1 : path, path, skipped);
    }
}

static gboolean
is_below (const char *path, const char *folder)
{
  gsize length = strlen (folder);
  return strncmp (path, folder, length) == 0 && path[length] == '/';
}

/* Of the other kinds only attributes are left out. */
static gboolean
is_of_entries (VarveSkippedKind kind)
{
  return kind != VARVE_SKIPPED_XATTRS && kind != VARVE_SKIPPED_EMPTY;
}

static gboolean
is_used (const char *pruned, const VarveSkipped *skipped)
{
  if (is_below (pruned, "/sysroot"))
    return TRUE;
  for (guint i = 0; i < VARVE_SKIPPED_KINDS; i++)
    for (guint j = 0; is_of_entries (i) && skipped->kinds[i].paths != NULL && j < skipped->kinds[i].paths->len; j++)
      {
        const char *path = skipped->kinds[i].paths->pdata[j];
        if (prune_matches_one (pruned, path) || is_below (pruned + 1, path))
          return TRUE;
      }
  return FALSE;
}

GPtrArray *
varve_prune_find_unused (const char *const *paths, const VarveSkipped *skipped)
{
  GPtrArray *unused = g_ptr_array_new ();
  for (guint i = 0; i < VARVE_SKIPPED_KINDS; i++)
    if (is_of_entries (i) && skipped->kinds[i].count > VARVE_SKIPPED_PATHS_MAX)
      return unused;
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    if (!is_used (paths[i], skipped))
      g_ptr_array_add (unused, (gpointer)paths[i]);
  return unused;
}
