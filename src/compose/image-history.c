/* SPDX-License-Identifier: Apache-2.0 */
/* Of each image the files that a container shows are kept with their checksums, until the next older one was compared
 * with them; of each layer its entries, until no older image needs them. */
#include "compose/image-history.h"

#include "base/error.h"
#include "base/fasthash.h"
#include "base/parallel.h"
#include "compose/past-images.h"
#include "emit/plain-tar.h"
#include "model/content-checksum.h"
#include "rootfs/prune.h"
#include "rootfs/tree-shape.h"
#include "verify/object-name.h"
#include "verify/plain-read.h"
#include "verify/read-layers.h"

typedef struct {
  const VarveImageHistory *self;
  VarvePlainTree tree;
  GHashTable *records; /* VarveDigest, a diff ID -> VarvePlainRecord, owned */
  GHashTable *n_uses;  /* the same -> number of images and layers that still need the record */
} Reading;

/* Path in the commit -> VarveDigest, both owned: the files of one tree. */
static GHashTable *
files_new (void)
{
  return g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, g_free);
}

static void
files_add (GHashTable *files, char *path, const VarveDigest *checksum)
{
  g_hash_table_replace (files, path, g_memdup2 (checksum, sizeof *checksum));
}

static GHashTable *
files_of_inventory (const VarveInventory *inventory)
{
  GHashTable *files = files_new ();
  for (guint32 i = 0; i < inventory->n_files; i++)
    files_add (files, g_strdup (inventory->files[i].path), &inventory->objects[inventory->files[i].object].checksum);
  return files;
}

static void
add_differences (VarveHistoryStep *step, const VarveInventory *inventory, GHashTable *files, GHashTable *others)
{
  GHashTableIter iter;
  gpointer path, checksum;
  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, &path, &checksum))
    {
      const VarveDigest *other = g_hash_table_lookup (others, path);
      if (other == NULL || varve_digest_compare (checksum, other) != 0)
        varve_history_step_add_path (step, inventory, path);
    }
}

static void
count_uses (Reading *reading)
{
  for (guint i = 0; i < reading->self->images->len; i++)
    {
      const VarveImage *image = ((VarvePastImage *)reading->self->images->pdata[i])->image;
      for (guint layer = 0; layer < image->manifest->layers->len; layer++)
        {
          gpointer key = (gpointer)varve_config_diff_id (image->config, layer);
          guint n = GPOINTER_TO_UINT (g_hash_table_lookup (reading->n_uses, key));
          g_hash_table_insert (reading->n_uses, key, GUINT_TO_POINTER (n + 1));
        }
    }
}

/* The layers of one image that no newer one has. */
typedef struct {
  const Reading *reading;
  const VarveImage *image;
  GArray *layers;     /* guint */
  GPtrArray *records; /* of these */
} Fetch;

static gboolean
fetch_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Fetch *fetch = data;
  guint layer = g_array_index (fetch->layers, guint, index);
  fetch->records->pdata[index]
      = varve_plain_read (fetch->image, layer, &fetch->reading->tree, NULL, cancellable, error);
  if (fetch->records->pdata[index] == NULL)
    {
      g_autofree char *place = varve_layer_place (fetch->image, layer);
      g_prefix_error (error, "%s: ", place);
      return FALSE;
    }
  varve_observer_advance (fetch->reading->self->observer,
                          varve_manifest_layer (fetch->image->manifest, layer)->size_bytes);
  return TRUE;
}

static guint64
find_unread (const Reading *reading, const VarveImage *image, GArray *layers)
{
  g_autoptr (GHashTable) found = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  guint64 bytes = 0;
  for (guint i = 0; i < image->manifest->layers->len; i++)
    {
      gpointer key = (gpointer)varve_config_diff_id (image->config, i);
      if (g_hash_table_contains (reading->records, key) || !g_hash_table_add (found, key))
        continue;
      g_array_append_val (layers, i);
      bytes += varve_manifest_layer (image->manifest, i)->size_bytes;
    }
  return bytes;
}

static gboolean
fetch_layers (Reading *reading, const VarveImage *image, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) layers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  Fetch fetch = { reading, image, layers, records };
  guint64 bytes = find_unread (reading, image, layers);
  g_ptr_array_set_size (records, (gint)layers->len);
  varve_observer_begin (reading->self->observer, "learning from older images", bytes);
  gboolean done = varve_parallel_for (reading->self->jobs, layers->len, fetch_layer, &fetch, cancellable, error);
  for (guint i = 0; i < layers->len; i++)
    if (records->pdata[i] != NULL)
      g_hash_table_insert (reading->records,
                           (gpointer)varve_config_diff_id (image->config, g_array_index (layers, guint, i)),
                           records->pdata[i]);
  return done;
}

static void
release_layer (Reading *reading, const VarveDigest *diff_id)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (reading->n_uses, diff_id));
  g_hash_table_insert (reading->n_uses, (gpointer)diff_id, GUINT_TO_POINTER (n - 1));
  if (n == 1)
    g_hash_table_remove (reading->records, diff_id);
}

typedef struct {
  guint n;
  char *first; /* message; owned */
} Faults;

static void
note_fault (gpointer data, const char *message)
{
  Faults *faults = data;
  if (faults->n++ == 0)
    faults->first = g_strdup (message);
}

static void
warn_faults (const Reading *reading, const VarvePastImage *past, const Faults *faults)
{
  g_autofree char *name = varve_escape (past->name);
  if (faults->n > 0)
    varve_observer_warn (reading->self->observer,
                         "older image '%s': %u entries cannot be read and count as missing, the first: %s", name,
                         faults->n, faults->first);
}

typedef struct {
  const VarveInventory *inventory;
  GHashTable *files;
} Flatten;

/* Applying layers gives a symlink no checksum. It gets that of the tree's symlink if they are the same. */
static VarveDigest
checksum_of (const VarveInventory *inventory, const char *path, const VarveTreeInode *inode)
{
  if (inode->symlink_target == NULL)
    return inode->checksum;
  guint32 file = varve_inventory_find_file (inventory, path);
  const VarveObject *object = file != VARVE_NO_INDEX ? &inventory->objects[inventory->files[file].object] : NULL;
  if (object != NULL && g_strcmp0 (object->symlink_target, inode->symlink_target) == 0 && object->uid == inode->uid
      && object->gid == inode->gid)
    return object->checksum;
  VarveContentHeader header = varve_tree_inode_header (inode);
  return varve_content_checksum_of (&header, "", 0);
}

static gboolean
flatten_node (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  const Flatten *flatten = data;
  if (node->children != NULL)
    return TRUE;
  char *name = varve_plain_tar_commit_path (flatten->inventory, path);
  VarveDigest checksum = checksum_of (flatten->inventory, name, node->inode);
  files_add (flatten->files, name, &checksum);
  return TRUE;
}

/* An object of a commit has its checksum in its name. Its attributes are elsewhere in the layer. */
static void
take_object_names (VarvePlainRecord *record)
{
  for (guint i = 0; i < record->entries->len; i++)
    {
      VarvePlainEntry *entry = &g_array_index (record->entries, VarvePlainEntry, i);
      VarveObjectName name;
      if (g_str_has_prefix (entry->path, VARVE_LAYER_REPO "/objects/")
          && varve_object_name_parse (entry->path, &name, NULL) && name.kind == VARVE_OBJECT_FILE)
        entry->checksum = name.checksum;
    }
}

static gboolean
apply_layers (Reading *reading, const VarvePastImage *past, VarveTree *shown, VarveSkipped *skipped, GError **error)
{
  Faults faults = { 0 };
  for (guint i = 0; i < past->image->manifest->layers->len; i++)
    {
      const VarveDigest *diff_id = varve_config_diff_id (past->image->config, i);
      VarvePlainRecord *record = g_hash_table_lookup (reading->records, diff_id);
      take_object_names (record);
      varve_plain_read_apply (record, i, shown, skipped, note_fault, &faults);
      release_layer (reading, diff_id);
    }
  warn_faults (reading, past, &faults);
  g_free (faults.first);
  varve_prune_tree (shown, reading->self->prune, skipped);
  return varve_tree_shape (shown, VARVE_TREE_SHAPE_RUNTIME, skipped, error);
}

/* NULL on failure. */
static GHashTable *
files_of_image (Reading *reading, const VarvePastImage *past, GCancellable *cancellable, GError **error)
{
  if (!fetch_layers (reading, past->image, cancellable, error))
    return NULL;
  VarveSkipped skipped = { 0 };
  g_autoptr (VarveTree) shown = varve_tree_new (NULL);
  g_autoptr (GHashTable) files = files_new ();
  Flatten flatten = { reading->self->inventory, files };
  gboolean done
      = apply_layers (reading, past, shown, &skipped, error) && varve_tree_visit (shown, flatten_node, &flatten, error);
  varve_skipped_clear (&skipped);
  return done ? g_steal_pointer (&files) : NULL;
}

static gboolean
read_steps (Reading *reading, VarveCommitHistory *history, GCancellable *cancellable, GError **error)
{
  const VarveImageHistory *self = reading->self;
  g_autoptr (GHashTable) newer = files_of_inventory (self->inventory);
  for (guint i = 0; i < self->images->len; i++)
    {
      const VarvePastImage *past = self->images->pdata[i];
      g_autoptr (GHashTable) older = files_of_image (reading, past, cancellable, error);
      if (older == NULL)
        {
          g_autofree char *escaped = varve_escape (past->name);
          g_prefix_error (error, "older image '%s': ", escaped);
          return FALSE;
        }
      VarveHistoryStep *step = varve_commit_history_add_step (history);
      add_differences (step, self->inventory, newer, older);
      add_differences (step, self->inventory, older, newer);
      varve_history_step_settle (step);
      g_array_append_val (history->times, past->time);
      g_hash_table_unref (newer);
      newer = g_steal_pointer (&older);
    }
  return TRUE;
}

VarveCommitHistory *
varve_image_history_read (const VarveImageHistory *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveCommitHistory) history = varve_commit_history_new ();
  g_autoptr (GHashTable) records = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, NULL,
                                                          (GDestroyNotify)varve_plain_record_free);
  g_autoptr (GHashTable) n_uses = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  Reading reading = { .self = self, .records = records, .n_uses = n_uses };
  g_array_append_val (history->times, self->time);
  count_uses (&reading);
  varve_plain_tree_init (&reading.tree, self->inventory);
  gboolean done = read_steps (&reading, history, cancellable, error);
  g_hash_table_remove_all (records); /* which refer to the tree */
  varve_plain_tree_clear (&reading.tree);
  return done ? g_steal_pointer (&history) : NULL;
}
