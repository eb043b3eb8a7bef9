/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a tree or an image as a commit: reads it, shapes it, commits it in memory, and decides the commit's time. */
#include "rootfs/input.h"

#include "base/error.h"
#include "base/source-date.h"
#include "model/image-keys.h"
#include "ostree/sign.h"
#include "ostree/tree-commit.h"
#include "packages/bytecode-times.h"
#include "rootfs/bootable.h"
#include "rootfs/file-times.h"
#include "rootfs/input-image.h"
#include "rootfs/owned-tree.h"
#include "rootfs/prune.h"
#include "rootfs/tree-policy.h"
#include "rootfs/tree-shape.h"

typedef struct {
  const VarveInputOptions *options;
  const VarveOwnersOptions *owners;
  guint jobs;
  VarveObserver *observer;
  GCancellable *cancellable;
  VarveInput *input;
  gint64 image_time; /* when the image was created; -1 when unknown */
} Opening;

/* The newest build or change time of all packages; 0 without any. */
static gint64
newest_package (const VarveComponents *components)
{
  gint64 newest = 0;
  for (guint i = 0; i < components->components->len; i++)
    {
      const VarveComponent *component = varve_components_get (components, i);
      newest = MAX (newest, component->build_time);
      if (component->change_times->len > 0)
        newest = MAX (newest, g_array_index (component->change_times, gint64, component->change_times->len - 1));
    }
  return newest;
}

static gboolean
choose_time (const Opening *opening, guint64 *out_time, GError **error)
{
  gint64 time;
  if (!varve_source_date_read (&time, error))
    return FALSE;
  if (time < 0)
    time = opening->image_time;
  if (time <= 0)
    time = newest_package (opening->input->components);
  if (time == 0 && !opening->options->is_temporary)
    varve_observer_warn (opening->observer, "no timestamp found; using 1970 (set SOURCE_DATE_EPOCH)");
  *out_time = (guint64)CLAMP (time, 0, VARVE_TIMESTAMP_MAX);
  return TRUE;
}

static GVariant *
make_metadata (const VarveInput *input, const VarveBootable *bootable)
{
  g_auto (GVariantBuilder) metadata = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const char *architecture = input->config != NULL ? input->config->architecture : bootable->machine;
  if (architecture != NULL)
    g_variant_builder_add (&metadata, "{sv}", VARVE_KEY_ARCHITECTURE, g_variant_new_string (architecture));
  if (bootable->is_bootable)
    g_variant_builder_add (&metadata, "{sv}", VARVE_KEY_BOOTABLE, g_variant_new_boolean (TRUE));
  if (bootable->kernel != NULL)
    g_variant_builder_add (&metadata, "{sv}", VARVE_KEY_LINUX, g_variant_new_string (bootable->kernel));
  return g_variant_ref_sink (g_variant_builder_end (&metadata));
}

static gboolean
input_walk (Opening *opening, const VarveDigest *commit, GError **error)
{
  VarveInput *input = opening->input;
  input->source = varve_object_store_source (input->store);
  VarveReadOwnedTree read = {
    .source = input->source,
    .commit = *commit,
    .purpose = opening->options->is_plain ? VARVE_WALK_FOR_CONTAINER : VARVE_WALK_FOR_HOST,
    .owners = opening->owners,
    .jobs = opening->jobs,
    .observer = opening->observer,
  };
  g_auto (VarveOwnedTree) tree = { 0 };
  if (!varve_owned_tree_read (&read, &tree, opening->cancellable, error))
    return FALSE;
  input->inventory = g_steal_pointer (&tree.inventory);
  input->components = g_steal_pointer (&tree.components);
  return TRUE;
}

typedef struct {
  const VarveInventory *inventory;
  GHashTable *inodes; /* index of a file + 1 -> VarveTreeInode, only inodes with several paths */
} Links;

static gboolean
note_link (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  Links *links = data;
  guint32 file = node->children == NULL && node->inode->n_paths > 1 ? varve_inventory_find_file (links->inventory, path)
                                                                    : VARVE_NO_INDEX;
  if (file != VARVE_NO_INDEX)
    g_hash_table_insert (links->inodes, GUINT_TO_POINTER (file + 1), node->inode);
  return TRUE;
}

/* Unlike a commit, the tree records hard links. */
static gboolean
mark_links (const VarveTree *tree, VarveInventory *inventory, GError **error)
{
  g_autoptr (GHashTable) inodes = g_hash_table_new (NULL, NULL), first = g_hash_table_new (NULL, NULL);
  Links links = { .inventory = inventory, .inodes = inodes };
  if (!varve_tree_visit (tree, note_link, &links, error))
    return FALSE;
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      gpointer inode = g_hash_table_lookup (inodes, GUINT_TO_POINTER (i + 1));
      gpointer known = inode != NULL ? g_hash_table_lookup (first, inode) : NULL;
      if (known != NULL)
        inventory->files[i].link_to = GPOINTER_TO_UINT (known) - 1;
      else if (inode != NULL)
        g_hash_table_insert (first, inode, GUINT_TO_POINTER (i + 1));
    }
  return TRUE;
}

/* Only plain images have times. @tree may be NULL: objects of a commit have none. */
static gboolean
set_times (const Opening *opening, const VarveTree *tree, GError **error)
{
  const VarveInput *input = opening->input;
  VarveBytecodeTimes bytecode = {
    .inventory = input->inventory,
    .source = input->source,
    .jobs = opening->jobs,
    .observer = opening->observer,
  };
  if (!opening->options->is_plain)
    return TRUE;
  if (tree != NULL)
    varve_file_times_set (tree, input->inventory, input->components);
  return varve_bytecode_times_set (&bytecode, opening->cancellable, error);
}

/* A walk needs a commit, and the commit's time and metadata need the walk. So the walk is of a commit with time 0 and
 * no metadata; the inventory then gets the final commit. */
static gboolean
walk_and_date (Opening *opening, VarveCommitFacts *facts, GError **error)
{
  VarveInput *input = opening->input;
  VarveBootable bootable;
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  facts->metadata = none;
  VarveDigest undated = varve_tree_commit_write (input->store, facts);
  if (!input_walk (opening, &undated, error) || !mark_links (input->tree, input->inventory, error)
      || !set_times (opening, input->tree, error) || !choose_time (opening, &facts->timestamp, error))
    return FALSE;
  varve_bootable_read (input->inventory, input->source, &bootable);
  g_autoptr (GVariant) metadata = make_metadata (input, &bootable);
  varve_bootable_clear (&bootable);
  facts->metadata = metadata;
  input->inventory->commit = varve_tree_commit_write (input->store, facts);
  return TRUE;
}

static gboolean
commit_tree (Opening *opening, GError **error)
{
  VarveInput *input = opening->input;
  GError *failure = NULL;
  g_autoptr (VarveSepolicy) policy
      = opening->options->is_plain ? NULL : varve_tree_policy_load (input->tree, opening->cancellable, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  input->store = varve_object_store_new (input->contents);
  VarveTreeCommit commit = { .tree = input->tree, .store = input->store, .policy = policy, .jobs = opening->jobs };
  VarveCommitFacts facts = { 0 };
  if (!varve_tree_commit_objects (&commit, opening->observer, &facts.dirtree, &facts.dirmeta, opening->cancellable,
                                  error))
    return FALSE;
  return walk_and_date (opening, &facts, error);
}

static gboolean
shape_tree (Opening *opening, GError **error)
{
  VarveTreeShapeFlags flags = opening->options->is_plain ? 0 : VARVE_TREE_SHAPE_OSTREE;
  if (opening->options->rootfs.path != NULL || !opening->options->is_plain)
    flags |= VARVE_TREE_SHAPE_RUNTIME;
  return varve_tree_shape (opening->input->tree, flags, &opening->input->skipped, error);
}

static gboolean
open_rootfs (Opening *opening, GError **error)
{
  VarveRootfs rootfs;
  if (!varve_rootfs_read (&opening->options->rootfs, &opening->input->skipped, opening->observer, &rootfs,
                          opening->cancellable, error))
    return FALSE;
  opening->input->contents = rootfs.contents;
  opening->input->tree = rootfs.tree;
  if (shape_tree (opening, error) && commit_tree (opening, error))
    return TRUE;
  g_autofree char *escaped = varve_escape (opening->options->rootfs.path);
  g_prefix_error (error, "tree '%s': ", escaped);
  return FALSE;
}

static gboolean
open_objects (Opening *opening, const VarveImage *image, GError **error)
{
  VarveInputImage opened;
  VarveReadInputImage read = { .image = image,
                               .prune = opening->options->rootfs.prune,
                               .jobs = opening->jobs,
                               .skipped = &opening->input->skipped,
                               .observer = opening->observer };
  if (!varve_input_image_read (&read, &opened, opening->cancellable, error))
    return FALSE;
  opening->input->contents = opened.contents;
  opening->input->tree = opened.tree;
  opening->input->store = opened.store;
  if (opened.tree == NULL)
    {
      if (!input_walk (opening, &opened.commit, error) || !set_times (opening, NULL, error))
        return FALSE;
      varve_inventory_link_as_deployed (opening->input->inventory);
      return TRUE;
    }
  return shape_tree (opening, error) && commit_tree (opening, error);
}

static gboolean
open_image (Opening *opening, GError **error)
{
  const VarveImage *image = opening->options->image;
  opening->image_time = varve_input_image_time (image);
  opening->input->config = varve_config_from_bytes (image->config_bytes, error);
  if (opening->input->config != NULL && open_objects (opening, image, error))
    return TRUE;
  g_autofree char *escaped = varve_escape (opening->options->image_name);
  g_prefix_error (error, "'%s': ", escaped);
  return FALSE;
}

/* Somebody who leaves out a secret must notice a typo. */
static void
warn_unused (const char *const *paths, const VarveSkipped *skipped, VarveObserver *observer)
{
  g_autoptr (GPtrArray) unused = varve_prune_find_unused (paths, skipped);
  for (guint i = 0; i < unused->len; i++)
    {
      g_autofree char *escaped = varve_escape (unused->pdata[i]);
      varve_observer_warn (
          observer, "--prune '%s' leaves out nothing: the tree has nothing there (symlinks are not followed)", escaped);
    }
}

VarveInput *
varve_input_open (const VarveInputOptions *options, const VarveOwnersOptions *owners, guint jobs,
                  VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveInput) input = g_new0 (VarveInput, 1);
  Opening opening = {
    .options = options,
    .owners = owners,
    .jobs = jobs,
    .observer = observer,
    .cancellable = cancellable,
    .input = input,
    .image_time = -1,
  };
  gboolean opened = options->image != NULL ? open_image (&opening, error) : open_rootfs (&opening, error);
  if (!opened)
    return NULL;
  varve_skipped_report (&input->skipped, observer);
  warn_unused (options->rootfs.prune, &input->skipped, observer);
  return g_steal_pointer (&input);
}

gboolean
varve_input_sign (VarveInput *input, const VarveDigest *commit, const char *const *keys, GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GBytes) raw = input->source->load_metadata (input->source, VARVE_METADATA_COMMIT, commit, error);
  if (raw == NULL)
    return FALSE;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) commitmeta
      = input->source->load_metadata (input->source, VARVE_METADATA_COMMITMETA, commit, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  g_autoptr (GBytes) with_signatures = varve_sign_commit (commit, raw, commitmeta, keys, cancellable, error);
  if (with_signatures == NULL)
    return FALSE;
  varve_object_store_add_metadata (input->store, VARVE_METADATA_COMMITMETA, commit, with_signatures);
  return TRUE;
}

const VarveTree *
varve_input_tree (const VarveInput *input)
{
  return input->tree;
}

void
varve_input_free (VarveInput *input)
{
  g_clear_pointer (&input->components, varve_components_free);
  g_clear_pointer (&input->inventory, varve_inventory_free);
  g_clear_pointer (&input->store, varve_object_store_free);
  g_clear_pointer (&input->tree, varve_tree_free);
  g_clear_pointer (&input->contents, varve_tree_contents_free);
  g_clear_pointer (&input->config, varve_config_free);
  varve_skipped_clear (&input->skipped);
  g_free (input);
}
