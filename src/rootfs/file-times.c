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

static int
compare_compiled (gconstpointer a, gconstpointer b)
{
  guint32 x = ((const Pair *)a)->compiled, y = ((const Pair *)b)->compiled;
  return (x > y) - (x < y);
}

static int
compare_times (gconstpointer a, gconstpointer b, gpointer data)
{
  const VarveInventory *inventory = data;
  const Pair *x = a, *y = b;
  gint64 left = inventory->files[x->compiled].time, right = inventory->files[y->compiled].time;
  return left != right ? (left > right) - (left < right) : compare_compiled (a, b);
}

/* The first pair of a compiled file in @pairs, which are sorted by these. */
static guint
find_compiled (const GArray *pairs, guint32 compiled)
{
  guint low = 0, high = pairs->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (pairs, Pair, middle).compiled < compiled)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* A source may itself be compiled, or a hard link to what is. So the earliest files go first, each with all that it
 * leads to: what was reached before was reached by an earlier time. */
static void
limit_sources (VarveInventory *inventory)
{
  g_autoptr (GArray) pairs = find_pairs (inventory), reached = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_sort (pairs, compare_compiled);
  g_autoptr (GArray) order = g_array_copy (pairs);
  g_array_sort_with_data (order, compare_times, inventory);
  g_autofree gboolean *is_done = g_new0 (gboolean, inventory->n_files + 1);
  for (guint i = 0; i < order->len; i++)
    {
      guint32 first = g_array_index (order, Pair, i).compiled;
      gint64 limit = inventory->files[first].time;
      if (!is_done[first])
        g_array_append_val (reached, first);
      is_done[first] = TRUE;
      while (reached->len > 0)
        {
          guint32 compiled = g_array_index (reached, guint32, reached->len - 1);
          g_array_set_size (reached, reached->len - 1);
          for (guint k = find_compiled (pairs, compiled);
               k < pairs->len && g_array_index (pairs, Pair, k).compiled == compiled; k++)
            {
              guint32 source = g_array_index (pairs, Pair, k).source;
              inventory->files[source].time = MIN (inventory->files[source].time, limit);
              if (!is_done[source])
                g_array_append_val (reached, source);
              is_done[source] = TRUE;
            }
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
