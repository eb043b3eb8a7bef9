/* SPDX-License-Identifier: Apache-2.0 */
/* Builds and explanations read a commit the same way, so that both see the same components. */
#include "rootfs/owned-tree.h"

void
varve_owned_tree_clear (VarveOwnedTree *tree)
{
  g_clear_pointer (&tree->components, varve_components_free);
  g_clear_pointer (&tree->inventory, varve_inventory_free);
}

static VarveInventory *
owned_tree_walk (const VarveReadOwnedTree *read, GCancellable *cancellable, GError **error)
{
  if (read->repo != NULL)
    return varve_walk (read->repo, &read->commit, read->jobs, read->observer, cancellable, error);
  VarveWalkOptions options = { .purpose = read->purpose, .jobs = read->jobs, .observer = read->observer };
  return varve_walk_source (read->source, &read->commit, &options, cancellable, error);
}

gboolean
varve_owned_tree_read (const VarveReadOwnedTree *read, VarveOwnedTree *out_tree, GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (read->repo != NULL || read->source != NULL, FALSE);
  g_auto (VarveOwnedTree) tree = { .inventory = owned_tree_walk (read, cancellable, error) };
  if (tree.inventory == NULL)
    return FALSE;
  if (read->owners != NULL)
    {
      VarveSource *source = read->repo != NULL ? varve_repo_source (read->repo) : read->source;
      varve_observer_begin (read->observer, "reading package databases", 0);
      tree.components = varve_owners_read (tree.inventory, source, read->owners, read->observer, cancellable, error);
      if (tree.components == NULL)
        return FALSE;
    }
  out_tree->inventory = g_steal_pointer (&tree.inventory);
  out_tree->components = g_steal_pointer (&tree.components);
  return TRUE;
}
