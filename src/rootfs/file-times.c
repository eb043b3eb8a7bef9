/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/file-times.h"

#include "packages/compiled-files.h"

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

/* What was compiled, and its source; of each the first of its hard links. */
typedef struct {
  guint32 compiled, source;
} Pair;

static guint32
first_link (const VarveInventory *inventory, guint32 file)
{
  guint32 first = inventory->files[file].link_to;
  return first != VARVE_NO_INDEX ? first : file;
}

/* A source may be a symlink. */
static GArray *
find_pairs (VarveInventory *inventory)
{
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      g_autofree char *source = NULL;
      varve_compiled_files_kind (inventory->files[i].path, &source);
      g_autofree char *inside = source != NULL ? g_strconcat (source, "/.", NULL) : NULL;
      g_autofree char *path = inside != NULL ? varve_inventory_resolve (inventory, inside) : NULL;
      guint32 file = path != NULL ? varve_inventory_find_file (inventory, path) : VARVE_NO_INDEX;
      if (file == VARVE_NO_INDEX)
        continue;
      Pair pair = { .compiled = first_link (inventory, i), .source = first_link (inventory, file) };
      g_array_append_val (pairs, pair);
    }
  return pairs;
}

/* Until nothing changes: a source may itself be compiled, or a hard link to what is. */
static void
limit_sources (VarveInventory *inventory)
{
  g_autoptr (GArray) pairs = find_pairs (inventory);
  gboolean is_changed = TRUE;
  while (is_changed)
    {
      is_changed = FALSE;
      for (guint i = 0; i < pairs->len; i++)
        {
          const Pair *pair = &g_array_index (pairs, Pair, i);
          VarveFile *found = &inventory->files[pair->source];
          gint64 limit = inventory->files[pair->compiled].time;
          is_changed |= found->time > limit;
          found->time = MIN (found->time, limit);
        }
    }
}

void
varve_file_times_set (const VarveTree *tree, VarveInventory *inventory, const VarveComponents *components)
{
  Work work = { .inventory = inventory, .components = components };
  gboolean visited = varve_tree_visit (tree, take_time, &work, NULL);
  g_assert (visited);
  share_times (inventory);
  limit_sources (inventory);
  share_times (inventory);
}
