/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/kept-folders.h"

#include "verify/plain-read.h"

/* The directories of the tree that the layer has; NULL where it has anything else. */
static guint8 *
find_directories (const VarvePlainRecord *record, const VarvePlainTree *tree)
{
  g_autofree guint8 *has = g_malloc0 (tree->inventory->n_directories);
  for (guint i = 0; i < record->entries->len; i++)
    {
      const VarvePlainEntry *entry = &g_array_index (record->entries, VarvePlainEntry, i);
      guint32 index = entry->entry.type == VARVE_FOREIGN_DIRECTORY ? varve_plain_tree_find_directory (tree, entry->path)
                                                                   : VARVE_NO_INDEX;
      if (index == VARVE_NO_INDEX || !varve_plain_tree_has_directory (tree, index, entry))
        return NULL;
      has[index] = 1;
    }
  return g_steal_pointer (&has);
}

static gboolean
has_file_below (const VarveInventory *inventory, guint32 directory)
{
  for (guint32 i = directory; i < inventory->directories[directory].end_directory; i++)
    if (inventory->directories[i].n_files > 0)
      return TRUE;
  return FALSE;
}

static gboolean
brings_all (const VarveInventory *inventory, const guint8 *has)
{
  for (guint32 i = 0; i < inventory->n_directories; i++)
    if (!has[i] && !has_file_below (inventory, i))
      return FALSE;
  return TRUE;
}

gboolean
varve_kept_folders_check (const VarvePrevious *base, const VarveInventory *inventory, guint8 **out_has,
                          GCancellable *cancellable, GError **error)
{
  VarvePlainTree tree;
  varve_plain_tree_init (&tree, inventory);
  g_autoptr (VarvePlainRecord) record = varve_plain_read (base->image, 0, &tree, NULL, cancellable, error);
  g_autofree guint8 *has = record != NULL ? find_directories (record, &tree) : NULL;
  if (record != NULL)
    *out_has = has != NULL && brings_all (inventory, has) ? g_steal_pointer (&has) : NULL;
  varve_plain_tree_clear (&tree);
  return record != NULL;
}
