/* SPDX-License-Identifier: Apache-2.0 */
#include "release/packaged-tree.h"

#include <string.h>

#include "explain/image-commit.h"
#include "model/image-keys.h"
#include "ostree/commit.h"
#include "rootfs/owned-tree.h"

/* An image with layers on top of a commit is a tree like that of an image without one. */
static gboolean
is_of_commit (const VarveImage *image)
{
  const char *last = varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID);
  guint n_layers = image->manifest->layers->len;
  if (last == NULL || n_layers == 0)
    return FALSE;
  g_autofree char *top = varve_digest_to_string (varve_config_diff_id (image->config, n_layers - 1));
  return strcmp (last, top) == 0;
}

static gboolean
read_time (VarvePackagedTree *tree, GError **error)
{
  g_autoptr (GBytes) raw = tree->source->load_metadata (tree->source, VARVE_METADATA_COMMIT, &tree->commit, error);
  g_autoptr (VarveCommit) commit = raw != NULL ? varve_commit_parse (raw, error) : NULL;
  if (commit == NULL)
    return FALSE;
  tree->time = (gint64)MIN (commit->timestamp, (guint64)G_MAXINT64);
  return TRUE;
}

static gboolean
read_input (const VarveReadPackagedTree *read, const VarveOwnersOptions *owners, VarvePackagedTree *tree,
            VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  VarveInputOptions options = VARVE_INPUT_OPTIONS_INIT;
  options.rootfs = read->rootfs;
  options.image = read->image;
  options.image_name = read->image_name;
  options.is_plain = read->image == NULL || !is_of_commit (read->image);
  options.is_temporary = TRUE;
  tree->input = varve_input_open (&options, owners, read->jobs, observer, cancellable, error);
  if (tree->input == NULL)
    return FALSE;
  tree->source = tree->input->source;
  tree->inventory = g_steal_pointer (&tree->input->inventory);
  tree->components = g_steal_pointer (&tree->input->components);
  tree->commit = tree->inventory->commit;
  return TRUE;
}

static gboolean
read_commit (const VarveReadPackagedTree *read, const VarveOwnersOptions *owners, VarvePackagedTree *tree,
             VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  tree->repo = varve_repo_open (read->repo_path, cancellable, error);
  if (tree->repo == NULL)
    return FALSE;
  gboolean is_found = read->ref != NULL ? varve_repo_resolve (tree->repo, read->ref, &tree->commit, error)
                                        : varve_image_commit_resolve (read->image, tree->repo, &tree->commit, error);
  if (!is_found)
    return FALSE;
  tree->source = varve_repo_source (tree->repo);
  VarveReadOwnedTree walk
      = { .repo = tree->repo, .commit = tree->commit, .owners = owners, .jobs = read->jobs, .observer = observer };
  g_auto (VarveOwnedTree) owned = { 0 };
  if (!varve_owned_tree_read (&walk, &owned, cancellable, error))
    return FALSE;
  tree->inventory = g_steal_pointer (&owned.inventory);
  tree->components = g_steal_pointer (&owned.components);
  return TRUE;
}

VarvePackagedTree *
varve_packaged_tree_read (const VarveReadPackagedTree *read, VarveObserver *observer, GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (VarvePackagedTree) tree = g_new0 (VarvePackagedTree, 1);
  VarveOwnersOptions owners = VARVE_OWNERS_OPTIONS_INIT;
  owners.kind = read->packages;
  owners.records_packages = TRUE;
  gboolean is_read = read->repo_path != NULL ? read_commit (read, &owners, tree, observer, cancellable, error)
                                             : read_input (read, &owners, tree, observer, cancellable, error);
  return is_read && read_time (tree, error) ? g_steal_pointer (&tree) : NULL;
}

void
varve_packaged_tree_free (VarvePackagedTree *tree)
{
  g_clear_pointer (&tree->components, varve_components_free);
  g_clear_pointer (&tree->inventory, varve_inventory_free);
  g_clear_pointer (&tree->input, varve_input_free);
  g_clear_pointer (&tree->repo, varve_repo_free);
  g_free (tree);
}

gboolean
varve_packaged_tree_is_of_commit (const VarvePackagedTree *tree)
{
  return tree->input == NULL || varve_input_tree (tree->input) == NULL;
}

guint32
varve_packaged_tree_layer_of (const VarvePackagedTree *tree, guint32 file)
{
  if (varve_packaged_tree_is_of_commit (tree))
    return VARVE_NO_INDEX;
  const VarveTreeNode *node = varve_tree_find (varve_input_tree (tree->input), tree->inventory->files[file].path);
  return node != NULL && node->layer > 0 ? node->layer - 1 : VARVE_NO_INDEX; /* the tree counts from 1 */
}

const VarvePackageList *
varve_packaged_tree_packages (const VarvePackagedTree *tree)
{
  return tree->components->packages;
}
