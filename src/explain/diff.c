/* SPDX-License-Identifier: Apache-2.0 */
/* Compares manifests and configs: which layers each kind of client downloads, and which components caused it. */
#include "explain/diff.h"

#include "chunker/fixed.h"
#include "compose/image-ledger.h"
#include "explain/layer-share.h"
#include "model/image-keys.h"

static void
diff_component_free (gpointer data)
{
  VarveDiffComponent *component = data;
  g_free (component->name);
  g_free (component);
}

static void
diff_layer_free (gpointer data)
{
  VarveDiffLayer *layer = data;
  g_ptr_array_unref (layer->changed);
  g_ptr_array_unref (layer->moved);
  g_free (layer);
}

void
varve_diff_free (VarveDiff *diff)
{
  g_free (diff->old_name);
  g_free (diff->new_name);
  g_ptr_array_unref (diff->layers);
  g_free (diff);
}

const VarveDiffLayer *
varve_diff_layer (const VarveDiff *diff, guint index)
{
  g_return_val_if_fail (index < diff->layers->len, NULL);
  return g_ptr_array_index (diff->layers, index);
}

const VarveDiffLayer *
varve_diff_find_layer (const VarveDiff *diff, guint index)
{
  for (guint i = 0; i < diff->layers->len; i++)
    if (varve_diff_layer (diff, i)->index == index)
      return varve_diff_layer (diff, i);
  return NULL;
}

double
varve_diff_ratio (const VarveDiff *diff)
{
  if (!diff->is_exact || diff->package_bytes == 0)
    return 0;
  return (double)(diff->by_digest.bytes - diff->commit_layer_bytes) / (double)diff->package_bytes;
}

/* The comparison's state. */
typedef struct {
  const VarveImage *old, *new;
  VarveDiff *diff;
  VarveLedger *old_ledger, *new_ledger;
  GHashTable *digests, *diff_ids; /* sets of VarveDigest: what a host has, plus the new layers so far */
} Comparison;

static void
comparison_clear (Comparison *comparison)
{
  g_clear_pointer (&comparison->old_ledger, varve_ledger_free);
  g_clear_pointer (&comparison->new_ledger, varve_ledger_free);
  g_clear_pointer (&comparison->digests, g_hash_table_unref);
  g_clear_pointer (&comparison->diff_ids, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Comparison, comparison_clear)

static gboolean
is_commit_layer (const VarveImage *image, guint index)
{
  return index == 0 && varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) != NULL
         && varve_descriptor_annotation (varve_manifest_layer (image->manifest, 0), VARVE_ANNOTATION_COMPONENTS)
                == NULL;
}

static void
diff_add_component (const Comparison *comparison, GPtrArray *list, const VarveLedgerEntry *entry, guint32 layer,
                    gboolean is_added)
{
  VarveDiffComponent *component = g_new0 (VarveDiffComponent, 1);
  *component = (VarveDiffComponent){
    .name = varve_ledger_entry_name (entry),
    .size_bytes = varve_layer_share (comparison->new_ledger, comparison->new->manifest, entry, layer),
    .is_added = is_added,
  };
  g_ptr_array_add (list, component);
}

/* The old layer with the most components of this new layer, or VARVE_NO_LAYER. */
static guint32
find_counterpart (const Comparison *comparison, guint32 layer)
{
  g_autofree guint32 *shared = g_new0 (guint32, comparison->old->manifest->layers->len);
  guint32 best = VARVE_NO_LAYER;
  for (guint32 i = 0; i < comparison->new_ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (comparison->new_ledger, i), *before;
      if (!varve_ledger_entry_is_in (entry, layer)
          || (before = varve_ledger_find (comparison->old_ledger, entry->component, entry->subtree)) == NULL
          || before->layer == VARVE_NO_LAYER)
        continue;
      shared[before->layer]++;
      if (best == VARVE_NO_LAYER || shared[before->layer] > shared[best]
          || (shared[before->layer] == shared[best] && before->layer < best))
        best = before->layer;
    }
  return best;
}

static void
diff_add_components (const Comparison *comparison, VarveDiffLayer *layer)
{
  if (layer->index == 0)
    return;
  guint32 in_ledger = layer->index - 1;
  guint32 counterpart = comparison->diff->is_exact ? VARVE_NO_LAYER : find_counterpart (comparison, in_ledger);
  for (guint32 i = 0; i < comparison->new_ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (comparison->new_ledger, i);
      if (!varve_ledger_entry_is_in (entry, in_ledger))
        continue;
      const VarveLedgerEntry *before = varve_ledger_find (comparison->old_ledger, entry->component, entry->subtree);
      gboolean is_changed = before == NULL
                            || (comparison->diff->is_exact ? before->digest != entry->digest
                                                           : varve_ledger_entry_is_in (before, counterpart));
      diff_add_component (comparison, is_changed ? layer->changed : layer->moved, entry, in_ledger, before == NULL);
    }
}

static void
client_add (VarveDiffClient *client, guint64 bytes)
{
  client->bytes += bytes;
  client->layers++;
}

static void
diff_add_layer (Comparison *comparison, guint index)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (comparison->new->manifest, index);
  VarveDiff *diff = comparison->diff;
  gboolean is_new_digest = g_hash_table_add (comparison->digests, (gpointer)&descriptor->digest);
  gboolean is_new_diff_id
      = g_hash_table_add (comparison->diff_ids, (gpointer)varve_config_diff_id (comparison->new->config, index));
  diff->image_bytes += descriptor->size_bytes;
  if (is_new_digest)
    client_add (&diff->by_digest, descriptor->size_bytes);
  if (is_new_diff_id)
    client_add (&diff->by_diff_id, descriptor->size_bytes);
  if (!is_new_digest && !is_new_diff_id)
    return;
  VarveDiffLayer *layer = g_new0 (VarveDiffLayer, 1);
  *layer = (VarveDiffLayer){
    .index = index,
    .digest = descriptor->digest,
    .size_bytes = descriptor->size_bytes,
    .is_commit = is_commit_layer (comparison->new, index),
    .is_whiteouts = varve_stale_is_whiteouts (comparison->new->manifest, index),
    .is_new_digest = is_new_digest,
    .is_new_diff_id = is_new_diff_id,
    .changed = g_ptr_array_new_with_free_func (diff_component_free),
    .moved = g_ptr_array_new_with_free_func (diff_component_free),
  };
  g_ptr_array_add (diff->layers, layer);
  if (layer->is_commit && is_new_digest)
    diff->commit_layer_bytes = descriptor->size_bytes;
  diff_add_components (comparison, layer);
}

/* Counts all changed components of the new image whole, in whichever layers they are. */
static void
add_package_bound (const Comparison *comparison)
{
  for (guint32 i = 0; i < comparison->new_ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (comparison->new_ledger, i);
      if (entry->layer == VARVE_NO_LAYER)
        continue;
      const VarveLedgerEntry *before = varve_ledger_find (comparison->old_ledger, entry->component, entry->subtree);
      if (before != NULL && before->digest == entry->digest)
        continue;
      comparison->diff->package_bytes += entry->size_bytes;
      comparison->diff->packages++;
    }
}

static gboolean
diff_read_ledger (const VarveImage *image, const char *name, VarveLedger **out_ledger, GError **error)
{
  *out_ledger = varve_image_ledger_read (image->manifest, error);
  if (*out_ledger != NULL)
    return TRUE;
  g_prefix_error (error, "%s: ", name != NULL ? name : "image");
  return FALSE;
}

static void
compare_layers (Comparison *comparison)
{
  comparison->digests = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  comparison->diff_ids = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  for (guint i = 0; i < comparison->old->manifest->layers->len; i++)
    {
      g_hash_table_add (comparison->digests, (gpointer)&varve_manifest_layer (comparison->old->manifest, i)->digest);
      g_hash_table_add (comparison->diff_ids, (gpointer)varve_config_diff_id (comparison->old->config, i));
    }
  for (guint i = 0; i < comparison->new->manifest->layers->len; i++)
    diff_add_layer (comparison, i);
}

/* Whether more is stale in the layer than in the old image's. */
static gboolean
has_more_stale (const VarveDescriptor *before, const VarveDescriptor *now)
{
  VarveStale old, new;
  return varve_digest_compare (&before->digest, &now->digest) == 0 && varve_stale_declared (before, &old, NULL)
         && varve_stale_declared (now, &new, NULL) && new.n_objects > old.n_objects;
}

/* Of the objects that the ledger lists: what the old image still needed. */
static guint64
count_new_stale (const VarveLedger *old, const VarveLedger *new)
{
  guint64 bytes = 0;
  if (old == NULL || new == NULL || old->times->len == 0)
    return 0;
  gint64 time = g_array_index (old->times, gint64, 0);
  for (guint i = 0; i < new->layers->len; i++)
    {
      const GPtrArray *stale = varve_ledger_layer (new, i)->stale;
      for (guint j = 0; stale != NULL && j < stale->len; j++)
        if (((VarveStaleObject *)stale->pdata[j])->since > time)
          bytes = varve_saturating_add (bytes, ((VarveStaleObject *)stale->pdata[j])->size_bytes);
    }
  return bytes;
}

static void
add_kept (const Comparison *comparison)
{
  const VarveManifest *old = comparison->old->manifest, *new = comparison->new->manifest;
  comparison->diff->stale = varve_stale_total (new, comparison->new_ledger);
  comparison->diff->new_stale_bytes = count_new_stale (comparison->old_ledger, comparison->new_ledger);
  for (guint i = 0; i < new->layers->len; i++)
    for (guint j = 0; j < old->layers->len; j++)
      {
        if (!has_more_stale (varve_manifest_layer (old, j), varve_manifest_layer (new, i)))
          continue;
        client_add (&comparison->diff->kept, varve_manifest_layer (new, i)->size_bytes);
        break;
      }
}

VarveDiff *
varve_diff_new (const VarveImage *old, const char *old_name, const VarveImage *new, const char *new_name,
                GError **error)
{
  g_autoptr (VarveDiff) diff = g_new0 (VarveDiff, 1);
  *diff = (VarveDiff){
    .old_name = g_strdup (old_name),
    .new_name = g_strdup (new_name),
    .n_old_layers = old->manifest->layers->len,
    .n_layers = new->manifest->layers->len,
    .document_bytes = new->descriptor->size_bytes + new->manifest->config->size_bytes,
    .layers = g_ptr_array_new_with_free_func (diff_layer_free),
  };
  g_auto (Comparison) comparison = { .old = old, .new = new, .diff = diff };
  if (!diff_read_ledger (old, old_name, &comparison.old_ledger, error)
      || !diff_read_ledger (new, new_name, &comparison.new_ledger, error))
    return NULL;
  diff->is_exact
      = varve_image_ledger_is_exact (comparison.old_ledger) && varve_image_ledger_is_exact (comparison.new_ledger);
  compare_layers (&comparison);
  add_kept (&comparison);
  if (diff->is_exact)
    add_package_bound (&comparison);
  return g_steal_pointer (&diff);
}

static json_object *
components_to_json (const GPtrArray *components)
{
  json_object *json = json_object_new_array ();
  for (guint i = 0; i < components->len; i++)
    json_object_array_add (json, json_object_new_string (((VarveDiffComponent *)components->pdata[i])->name));
  return json;
}

json_object *
varve_diff_layer_to_json (const VarveDiffLayer *layer)
{
  json_object *json = json_object_new_object ();
  g_autofree char *digest = varve_digest_to_string (&layer->digest);
  varve_json_add_size (json, "layer", layer->index);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_size (json, "size_bytes", layer->size_bytes);
  if (layer->is_commit)
    json_object_object_add (json, "commit", json_object_new_boolean (TRUE));
  if (layer->is_whiteouts)
    json_object_object_add (json, "whiteouts", json_object_new_boolean (TRUE));
  if (!layer->is_new_diff_id)
    json_object_object_add (json, "only_compressed_anew", json_object_new_boolean (TRUE));
  json_object_object_add (json, "components_changed", components_to_json (layer->changed));
  json_object_object_add (json, "components_moved", components_to_json (layer->moved));
  return json;
}

static void
client_to_json (json_object *json, const char *key, const VarveDiffClient *client)
{
  json_object *object = json_object_new_object ();
  varve_json_add_size (object, "bytes", client->bytes);
  varve_json_add_size (object, "layers", client->layers);
  json_object_object_add (json, key, object);
}

static json_object *
bounds_to_json (const VarveDiff *diff)
{
  json_object *json = json_object_new_object ();
  if (diff->is_exact)
    varve_json_add_size (json, "package_bytes", diff->package_bytes);
  if (diff->has_objects)
    {
      varve_json_add_size (json, "object_bytes", diff->object_bytes);
      varve_json_add_size (json, "object_raw_bytes", diff->object_raw_bytes);
      varve_json_add_size (json, "objects", diff->objects);
    }
  return json;
}

json_object *
varve_diff_to_json (const VarveDiff *diff)
{
  json_object *json = json_object_new_object (), *clients = json_object_new_object (),
              *changed = json_object_new_array ();
  varve_json_add_string (json, "old", diff->old_name);
  varve_json_add_string (json, "new", diff->new_name);
  client_to_json (clients, "digest", &diff->by_digest);
  client_to_json (clients, "diff_id", &diff->by_diff_id);
  if (diff->has_partial)
    client_to_json (clients, "zstd_chunked", &diff->by_parts);
  json_object_object_add (json, "clients", clients);
  json_object_object_add (json, "bounds", bounds_to_json (diff));
  if (varve_diff_ratio (diff) > 0)
    {
      g_autofree char *text = g_strdup_printf ("%.4f", varve_diff_ratio (diff));
      json_object_object_add (json, "ratio", json_object_new_double_s (varve_diff_ratio (diff), text));
    }
  varve_json_add_size (json, "commit_layer_bytes", diff->commit_layer_bytes);
  varve_json_add_size (json, "document_bytes", diff->document_bytes);
  varve_json_add_size (json, "image_bytes", diff->image_bytes);
  varve_json_add_size (json, "layers", diff->n_layers);
  varve_json_add_size (json, "stale_objects", diff->stale.n_objects);
  varve_json_add_size (json, "stale_bytes", diff->stale.size_bytes);
  varve_json_add_fraction (json, "stale_share", varve_stale_share (&diff->stale));
  varve_stale_since_to_json (json, diff->stale.since);
  varve_json_add_size (json, "new_stale_bytes", diff->new_stale_bytes);
  varve_json_add_size (json, "kept_stale_layers", diff->kept.layers);
  varve_json_add_size (json, "kept_stale_bytes", diff->kept.bytes);
  json_object_object_add (json, "exact", json_object_new_boolean (diff->is_exact));
  for (guint i = 0; i < diff->layers->len; i++)
    json_object_array_add (changed, varve_diff_layer_to_json (varve_diff_layer (diff, i)));
  json_object_object_add (json, "changed", changed);
  return json;
}
