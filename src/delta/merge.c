/* SPDX-License-Identifier: Apache-2.0 */
/* Decides for each layer of the last image whether it is reused, taken over from one of the deltas, or composed. */
#include "delta/merge.h"

#include "base/error.h"
#include "base/parallel.h"
#include "delta/delta-target.h"
#include "delta/kept-ops.h"
#include "delta/middle.h"
#include "oci/blob-aside.h"

/* As in create.c: a varve entry stands beside a tar-diff entry only where its size is at most this part. */
#define RECODED_RATIO 0.95

enum { SECOND_LEVEL = 12 };

/* An entry of the new delta. */
typedef struct {
  VarveDeltaBlob *blob; /* NULL: there is none */
  VarveMergeCosts costs;
} Entry;

/* A layer of the last image. */
typedef struct {
  gboolean is_reused;              /* the first image has it */
  const VarveDelta *taken;         /* whose entries are taken as they are; or NULL */
  guint taken_layer;               /* in that delta's target */
  const VarveDeltaEntry *composed; /* an entry of the second delta; NULL where nothing is composed */
  Entry entries[2];                /* by VarveDeltaEntryKind */
} Plan;

typedef struct {
  const VarveDelta *first, *second;
  const VarveMiddle *middle;
  const VarveMergeDeltasOptions *options;
  VarveTarget *target;
  GArray *plans; /* Plan */
} Merge;

static void
plan_clear (gpointer data)
{
  Plan *plan = data;
  for (guint i = 0; i < G_N_ELEMENTS (plan->entries); i++)
    g_clear_pointer (&plan->entries[i].blob, varve_delta_blob_free);
}

static gboolean
check_follow (const VarveDelta *first, const VarveDelta *second, GError **error)
{
  if (varve_digest_compare (&first->target->config->digest, &second->source_config) == 0)
    return TRUE;
  g_autofree char *found = varve_digest_to_string (&first->target->config->digest),
                  *expected = varve_digest_to_string (&second->source_config);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
               "the second delta does not start where the first one leads to: the first leads to the image with the "
               "config %s, the second starts from %s",
               found, expected);
  return FALSE;
}

static gboolean
has_entry (const VarveDelta *delta, guint layer)
{
  for (guint kind = VARVE_DELTA_ENTRY_TARDIFF; kind <= VARVE_DELTA_ENTRY_LAYER; kind++)
    if (varve_delta_find (delta, layer, (VarveDeltaEntryKind)kind) != NULL)
      return TRUE;
  return FALSE;
}

/* The layer of the middle image with this diff ID. */
static gboolean
find_middle (const VarveDelta *first, const VarveDigest *diff_id, guint *out_layer)
{
  for (guint i = 0; i < first->config->diff_ids->len; i++)
    if (varve_digest_compare (varve_config_diff_id (first->config, i), diff_id) == 0)
      {
        *out_layer = i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
plan_layer (const Merge *merge, guint layer, Plan *plan, GError **error)
{
  const VarveDigest *diff_id = varve_config_diff_id (merge->second->config, layer);
  guint middle;
  if (has_entry (merge->second, layer))
    {
      plan->composed = varve_delta_find (merge->second, layer, VARVE_DELTA_ENTRY_VARVE);
      if (plan->composed == NULL)
        plan->composed = varve_delta_find (merge->second, layer, VARVE_DELTA_ENTRY_TARDIFF);
      if (plan->composed == NULL)
        plan->taken = merge->second;
      plan->taken_layer = layer;
      return TRUE;
    }
  if (!find_middle (merge->first, diff_id, &middle))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "layer %u: the second delta has no entry of it, and the image between the two does not have it",
                   layer);
      return FALSE;
    }
  plan->is_reused = !has_entry (merge->first, middle);
  plan->taken = plan->is_reused ? NULL : merge->first;
  plan->taken_layer = middle;
  return TRUE;
}

/* Composes one entry of the second delta with the first delta, and keeps the ops. */
static gboolean
compose_ops (const Merge *merge, const VarveDeltaEntry *from, VarveMergeKind kind, VarveKeptOps *out_ops,
             VarveMergeCosts *out_costs, GCancellable *cancellable, GError **error)
{
  VarveBlobAside aside = { .folder = merge->options->work_path };
  VarveMiddleImage image = varve_middle_image (merge->middle);
  VarveMergeOptions options
      = { .middle = &image, .chains = merge->middle->chains, .spool = merge->middle->spool, .kind = kind };
  g_autoptr (GInputStream) blob = varve_blob_aside (&aside, merge->second->blobs, from->descriptor, cancellable, error);
  g_autoptr (VarveOpKeeper) keeper
      = blob != NULL ? varve_op_keeper_new (merge->middle->spool, G_MAXUINT32, error) : NULL;
  return keeper != NULL
         && varve_merge_ops (blob, &options, varve_op_keeper_writer (keeper), out_costs, cancellable, error)
         && varve_op_keeper_finish (keeper, out_ops, error);
}

static VarveDeltaBlob *
compress_ops (const Merge *merge, const VarveKeptOps *ops, VarveMergeKind kind, int level, GError **error)
{
  g_autoptr (VarveDeltaBlob) blob = varve_delta_blob_new (merge->target, error);
  if (blob == NULL)
    return NULL;
  VarveSink sink = varve_delta_blob_sink (blob);
  g_autoptr (VarveOpCompressor) compressor = varve_op_compressor_new (
      kind == VARVE_MERGE_OWN ? VARVE_TARDIFF_OWN_MAGIC : VARVE_TARDIFF_MAGIC,
      varve_kept_ops_level (ops->raw_bytes, ops->kept.size_bytes, level), ops->raw_bytes, &sink, error);
  if (compressor == NULL || !varve_kept_ops_append (merge->middle->spool, ops->kept, compressor, error)
      || !varve_op_compressor_finish (compressor, error))
    return NULL;
  varve_extent_file_forget (merge->middle->spool, ops->kept);
  varve_delta_blob_finish (blob);
  return g_steal_pointer (&blob);
}

/* *@out_reason is set where the entry cannot be composed. An error means that the system failed or that a delta is
 * damaged. */
static gboolean
compose_entry (const Merge *merge, const VarveDeltaEntry *from, VarveMergeKind kind, Entry *out_entry, int level,
               GError **out_reason, GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;
  VarveKeptOps ops;
  if (compose_ops (merge, from, kind, &ops, &out_entry->costs, cancellable, &failure))
    {
      out_entry->blob = compress_ops (merge, &ops, kind, level, error);
      return out_entry->blob != NULL;
    }
  if (g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED))
    {
      g_clear_error (out_reason);
      *out_reason = failure;
      return TRUE;
    }
  g_propagate_error (error, failure);
  return FALSE;
}

/* As in create.c, a client of tar-diff has a tar-diff entry or the layer itself, where the second delta has that. */
static gboolean
settle_layer (const Merge *merge, guint layer, Plan *plan, const GError *reason, GError **error)
{
  Entry *plain = &plan->entries[VARVE_DELTA_ENTRY_TARDIFF], *own = &plan->entries[VARVE_DELTA_ENTRY_VARVE];
  const VarveDeltaEntry *whole = varve_delta_find (merge->second, layer, VARVE_DELTA_ENTRY_LAYER);
  if (own->blob != NULL && plain->blob != NULL
      && (double)own->blob->size_bytes > (double)plain->blob->size_bytes * RECODED_RATIO)
    g_clear_pointer (&own->blob, varve_delta_blob_free);
  if (own->blob != NULL && plain->blob == NULL && whole != NULL
      && own->blob->size_bytes > whole->descriptor->size_bytes)
    g_clear_pointer (&own->blob, varve_delta_blob_free);
  if (plain->blob == NULL && whole != NULL)
    plan->taken = merge->second;
  if (own->blob != NULL || plain->blob != NULL || whole != NULL)
    {
      if (plain->blob == NULL && whole == NULL
          && varve_delta_find (merge->second, layer, VARVE_DELTA_ENTRY_TARDIFF) != NULL)
        varve_observer_warn (merge->options->observer, "layer %u: clients of tar-diff will fetch the layer: %s", layer,
                             reason != NULL ? reason->message : "no tar-diff entry");
      return TRUE;
    }
  g_autofree char *digest = varve_digest_to_string (&varve_manifest_layer (merge->second->target, layer)->digest);
  g_set_error (
      error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
      "layer %u (%s) cannot be merged without the images: %s; make the delta from the images, with delta create", layer,
      digest, reason != NULL ? reason->message : "no entry");
  return FALSE;
}

static gboolean
compose_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  const Merge *merge = data;
  guint layer = (guint)index;
  Plan *plan = &g_array_index (merge->plans, Plan, layer);
  if (plan->composed == NULL)
    return TRUE;
  const VarveDeltaEntry *tardiff = varve_delta_find (merge->second, layer, VARVE_DELTA_ENTRY_TARDIFF);
  g_autoptr (GError) reason = NULL;
  int level = merge->options->level;
  Entry *plain = &plan->entries[VARVE_DELTA_ENTRY_TARDIFF], *own = &plan->entries[VARVE_DELTA_ENTRY_VARVE];
  gboolean done = compose_entry (merge, plan->composed, VARVE_MERGE_OWN, own, level, &reason, cancellable, error);
  /* As in create.c: an entry next to a smaller one is not worth the time of the high levels. */
  int plain_level = own->blob != NULL ? MIN (level, SECOND_LEVEL) : level;
  if (done && tardiff != NULL && plan->composed != tardiff && own->blob == NULL)
    done = compose_entry (merge, tardiff, VARVE_MERGE_OWN, own, level, &reason, cancellable, error);
  if (done && tardiff != NULL)
    done = compose_entry (merge, tardiff, VARVE_MERGE_PLAIN, plain, plain_level, &reason, cancellable, error);
  done = done && settle_layer (merge, layer, plan, reason, error);
  varve_observer_advance (merge->options->observer, plan->composed->descriptor->size_bytes);
  if (!done)
    g_prefix_error (error, "layer %u: ", layer);
  return done;
}

static void
copy_annotation (const VarveDescriptor *from, VarveDescriptor *to, const char *key)
{
  const char *value = varve_descriptor_annotation (from, key);
  if (value != NULL)
    varve_descriptor_annotate (to, key, value);
}

/* Takes all entries of a layer over from one of the deltas. The compression that an entry records is that of a blob,
 * and the last image may have another blob with the same diff ID. */
static gboolean
manifest_take (const Merge *merge, VarveManifest *manifest, guint layer, const Plan *plan, GCancellable *cancellable,
               GError **error)
{
  static const char *const KEYS[]
      = { VARVE_DELTA_RAW_BYTES, VARVE_DELTA_SECONDS, VARVE_DELTA_MEMORY, VARVE_DELTA_COSTLIEST };
  const VarveDescriptor *last = varve_manifest_layer (merge->second->target, layer),
                        *there = varve_manifest_layer (plan->taken->target, plan->taken_layer);
  gboolean is_same_blob = varve_digest_compare (&last->digest, &there->digest) == 0;
  for (guint kind = VARVE_DELTA_ENTRY_TARDIFF; kind <= VARVE_DELTA_ENTRY_LAYER; kind++)
    {
      const VarveDeltaEntry *entry = varve_delta_find (plan->taken, plan->taken_layer, (VarveDeltaEntryKind)kind);
      if (entry == NULL || (plan->composed != NULL && kind != VARVE_DELTA_ENTRY_LAYER))
        continue;
      const VarveDescriptor *from = entry->descriptor;
      if (!varve_delta_target_copy (merge->target, plan->taken->blobs, from, cancellable, error))
        return FALSE;
      VarveDescriptor *to
          = varve_delta_manifest_add (manifest, entry->kind, last, from->media_type, &from->digest, from->size_bytes);
      for (guint i = 0; i < G_N_ELEMENTS (KEYS); i++)
        copy_annotation (from, to, KEYS[i]);
      if (is_same_blob)
        copy_annotation (from, to, VARVE_DELTA_COMPRESSION);
    }
  return TRUE;
}

static gboolean
manifest_add_composed (const Merge *merge, VarveManifest *manifest, guint layer, const Plan *plan, GError **error)
{
  static const VarveDeltaEntryKind KINDS[] = { VARVE_DELTA_ENTRY_VARVE, VARVE_DELTA_ENTRY_TARDIFF };
  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    {
      const Entry *entry = &plan->entries[KINDS[i]];
      gboolean is_own = KINDS[i] == VARVE_DELTA_ENTRY_VARVE;
      if (entry->blob == NULL)
        continue;
      if (!varve_delta_blob_publish (entry->blob, merge->target, error))
        return FALSE;
      VarveDescriptor *to = varve_delta_manifest_add (
          manifest, KINDS[i], varve_manifest_layer (merge->second->target, layer),
          is_own ? VARVE_DELTA_VARVE_TYPE : VARVE_DELTA_TARDIFF_TYPE, &entry->blob->digest, entry->blob->size_bytes);
      copy_annotation (plan->composed->descriptor, to, VARVE_DELTA_RAW_BYTES);
      copy_annotation (plan->composed->descriptor, to, VARVE_DELTA_COMPRESSION);
      if (!is_own)
        continue;
      g_autofree char *seconds = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64)(entry->costs.seconds + 0.5)),
                      *memory = g_strdup_printf ("%" G_GUINT64_FORMAT, entry->costs.memory_bytes);
      varve_descriptor_annotate (to, VARVE_DELTA_SECONDS, seconds);
      varve_descriptor_annotate (to, VARVE_DELTA_MEMORY, memory);
    }
  return TRUE;
}

static gboolean
merge_publish (const Merge *merge, GCancellable *cancellable, GError **error)
{
  g_autofree gboolean *reused = g_new0 (gboolean, merge->plans->len + 1);
  for (guint i = 0; i < merge->plans->len; i++)
    reused[i] = g_array_index (merge->plans, Plan, i).is_reused;
  const VarveDelta *first = merge->first, *second = merge->second;
  VarveDeltaEnds ends
      = { .source = varve_string_map_get (first->manifest->annotations, VARVE_DELTA_SOURCE),
          .source_config = first->source_config,
          .source_commit = varve_string_map_get (first->manifest->annotations, VARVE_DELTA_SOURCE_COMMIT),
          .target = second->target_descriptor,
          .target_manifest = second->target,
          .target_config = second->config,
          .reused = reused };
  g_autoptr (VarveManifest) manifest = varve_delta_manifest_new (&ends);
  for (guint i = 0; i < merge->plans->len; i++)
    {
      const Plan *plan = &g_array_index (merge->plans, Plan, i);
      if (!manifest_add_composed (merge, manifest, i, plan, error)
          || (plan->taken != NULL && !manifest_take (merge, manifest, i, plan, cancellable, error)))
        return FALSE;
    }
  VarveDeltaDocuments documents
      = { .manifest = manifest, .target_manifest = second->target_bytes, .target_config = second->config_bytes };
  VarveDigest digest;
  return varve_delta_target_publish (merge->target, &documents, &digest, cancellable, error);
}

static gboolean
merge_plan (Merge *merge, GError **error)
{
  guint64 total = 0;
  for (guint i = 0; i < merge->plans->len; i++)
    {
      Plan *plan = &g_array_index (merge->plans, Plan, i);
      if (!plan_layer (merge, i, plan, error))
        return FALSE;
      total += plan->composed != NULL ? plan->composed->descriptor->size_bytes : 0;
    }
  varve_observer_begin (merge->options->observer, "merging", total);
  return TRUE;
}

gboolean
varve_delta_merge (const VarveDelta *first, const VarveDelta *second, const VarveReference *target,
                   const VarveMergeDeltasOptions *options, GCancellable *cancellable, GError **error)
{
  VarveMiddleOptions middle_options
      = { .jobs = options->jobs, .work_path = options->work_path, .observer = options->observer };
  if (!check_follow (first, second, error))
    return FALSE;
  g_autoptr (VarveMiddle) middle = varve_middle_read (first, &middle_options, cancellable, error);
  g_autoptr (VarveTarget) opened
      = middle != NULL ? varve_target_open (target, options->observer, cancellable, error) : NULL;
  if (opened == NULL)
    return FALSE;
  g_autoptr (GArray) plans = g_array_new (FALSE, TRUE, sizeof (Plan));
  g_array_set_clear_func (plans, plan_clear);
  g_array_set_size (plans, second->target->layers->len);
  Merge merge
      = { .first = first, .second = second, .middle = middle, .options = options, .target = opened, .plans = plans };
  return merge_plan (&merge, error)
         && varve_parallel_for (options->jobs, plans->len, compose_layer, &merge, cancellable, error)
         && merge_publish (&merge, cancellable, error);
}
