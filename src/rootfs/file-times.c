/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/file-times.h"

#include <string.h>

#include "packages/path-glob.h"

typedef struct {
  VarveInventory *inventory;
  const VarveComponents *components;
} Work;

static gboolean
take_time (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  const Work *work = data;
  const VarveTreeInode *inode = node->inode;
  gboolean is_regular = node->children == NULL && inode->symlink_target == NULL;
  guint32 file = is_regular ? varve_inventory_find_file (work->inventory, path) : VARVE_NO_INDEX;
  gint64 built = file != VARVE_NO_INDEX ? work->components->built_of_file[file] : 0;
  if (built > 0 && inode->mtime > 0)
    work->inventory->files[file].time = MIN (MIN (inode->mtime, built), VARVE_FILE_TIME_MAX);
  return TRUE;
}

/* Hard links share a time: the earliest, and none where a package does not contain all of them. */
static void
share_times (VarveInventory *inventory)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      guint32 first = inventory->files[i].link_to;
      if (first != VARVE_NO_INDEX)
        inventory->files[first].time = MIN (inventory->files[first].time, inventory->files[i].time);
    }
  for (guint32 i = 0; i < inventory->n_files; i++)
    if (inventory->files[i].link_to != VARVE_NO_INDEX)
      inventory->files[i].time = inventory->files[inventory->files[i].link_to].time;
}

/* What is compiled, and the end that its source lacks or has in its place. */
static const struct {
  const char *glob, *end, *source_end;
} COMPILED[] = {
  { "**/*.elc", ".elc", ".el" },                            /* Emacs */
  { "**/*.zwc", ".zwc", "" },                               /* zsh */
  { "usr/etc/selinux/*/contexts/files/*.bin", ".bin", "" }, /* libselinux */
  { "etc/selinux/*/contexts/files/*.bin", ".bin", "" },     /* the same */
  { "usr/etc/**/*.db", ".db", "" },                         /* Postfix */
  { "etc/**/*.db", ".db", "" },                             /* the same */
};

/* The path of the source, or NULL. */
static char *
source_of (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (COMPILED); i++)
    if (g_str_has_suffix (path, COMPILED[i].end) && varve_path_glob_match (COMPILED[i].glob, path))
      {
        g_autofree char *stem = g_strndup (path, strlen (path) - strlen (COMPILED[i].end));
        return g_strconcat (stem, COMPILED[i].source_end, NULL);
      }
  return NULL;
}

/* A source may be a symlink. */
static void
limit_sources (VarveInventory *inventory)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      g_autofree char *source = source_of (inventory->files[i].path);
      g_autofree char *inside = source != NULL ? g_strconcat (source, "/.", NULL) : NULL;
      g_autofree char *path = inside != NULL ? varve_inventory_resolve (inventory, inside) : NULL;
      guint32 file = path != NULL ? varve_inventory_find_file (inventory, path) : VARVE_NO_INDEX;
      if (file == VARVE_NO_INDEX)
        continue;
      VarveFile *found = &inventory->files[file];
      found->time = MIN (found->time, inventory->files[i].time);
    }
}

void
varve_file_times_set (const VarveTree *tree, VarveInventory *inventory, const VarveComponents *components)
{
  Work work = { .inventory = inventory, .components = components };
  gboolean visited = varve_tree_visit (tree, take_time, &work, NULL);
  g_assert (visited);
  limit_sources (inventory);
  share_times (inventory);
}
