/* SPDX-License-Identifier: Apache-2.0 */
/* Compresses the ops of each layer, and decides which entries of a layer go into the artifact. */
#include "delta/create.h"

#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "delta/delta-target.h"
#include "delta/layer-ops.h"

enum { COSTLIEST = 5, SOURCE_DIGITS = 12, SECOND_LEVEL = 12 };

/* A varve entry is added to a tar-diff entry only where its size is at most this part. */
#define RECODED_RATIO 0.95

typedef struct {
  const VarveImage *new;
  const gboolean *changed; /* for each layer */
  VarveLayerOps *ops;
  VarveTarget *target;
  const VarveDeltaCreateOptions *options;
  VarveObserver *observer;
  GArray *tasks; /* Task */
} Writing;

/* One blob to write. */
typedef struct {
  guint layer;
  VarveDeltaEntryKind kind;
  guint64 raw_bytes;    /* estimated; the largest tasks are done first */
  VarveDeltaBlob *blob; /* not published yet */
} Task;

void
varve_delta_result_free (VarveDeltaResult *result)
{
  g_free (result->target);
  g_free (result);
}

static void
task_clear (gpointer data)
{
  g_clear_pointer (&((Task *)data)->blob, varve_delta_blob_free);
}

static Task *
find_task (const Writing *writing, guint layer, VarveDeltaEntryKind kind)
{
  for (guint i = 0; i < writing->tasks->len; i++)
    {
      Task *task = &g_array_index (writing->tasks, Task, i);
      if (task->layer == layer && task->kind == kind)
        return task;
    }
  return NULL;
}

static gboolean
write_task (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Writing *writing = data;
  Task *task = &g_array_index (writing->tasks, Task, index);
  g_autoptr (VarveDeltaBlob) blob = varve_delta_blob_new (writing->target, error);
  if (blob == NULL)
    return FALSE;
  VarveSink sink = varve_delta_blob_sink (blob);
  /* An entry next to a smaller one is for other clients only: not worth the time of the high levels. */
  gboolean is_second
      = task->kind == VARVE_DELTA_ENTRY_TARDIFF && find_task (writing, task->layer, VARVE_DELTA_ENTRY_VARVE) != NULL;
  int level = is_second ? MIN (writing->options->level, SECOND_LEVEL) : writing->options->level;
  VarveLayerOpsWrite write = { .layer = task->layer, .kind = task->kind, .level = level };
  if (!varve_layer_ops_write (writing->ops, &write, &sink, cancellable, error))
    return FALSE;
  varve_delta_blob_finish (blob);
  task->blob = g_steal_pointer (&blob);
  varve_observer_advance (writing->observer, task->raw_bytes);
  return TRUE;
}

static int
compare_tasks (gconstpointer a, gconstpointer b)
{
  const Task *x = a, *y = b;
  if (x->raw_bytes != y->raw_bytes)
    return x->raw_bytes < y->raw_bytes ? 1 : -1;
  return x->layer != y->layer ? (x->layer > y->layer) - (x->layer < y->layer) : (int)x->kind - (int)y->kind;
}

static void
plan_tasks (Writing *writing)
{
  guint64 total = 0;
  for (guint layer = 0; layer < writing->new->manifest->layers->len; layer++)
    {
      if (!writing->changed[layer])
        continue;
      gboolean differs = varve_layer_ops_has_recoded (writing->ops, layer);
      gboolean wants_plain = !differs || (writing->options->formats & VARVE_DELTA_FORMAT_TARDIFF) != 0;
      Task plain = { .layer = layer, .kind = VARVE_DELTA_ENTRY_TARDIFF };
      Task recoded = { .layer = layer, .kind = VARVE_DELTA_ENTRY_VARVE };
      plain.raw_bytes = varve_layer_ops_raw_bytes (writing->ops, layer, plain.kind);
      recoded.raw_bytes = varve_layer_ops_raw_bytes (writing->ops, layer, recoded.kind);
      if (differs)
        g_array_append_val (writing->tasks, recoded);
      if (wants_plain)
        g_array_append_val (writing->tasks, plain);
      total += (wants_plain ? plain.raw_bytes : 0) + (differs ? recoded.raw_bytes : 0);
    }
  g_array_sort (writing->tasks, compare_tasks);
  varve_observer_begin (writing->observer, "compressing", total);
}

typedef struct {
  const char *name;
  guint64 size_bytes;
} Cost;

static int
compare_costs (gconstpointer a, gconstpointer b)
{
  const Cost *x = a, *y = b;
  return x->size_bytes != y->size_bytes ? (x->size_bytes < y->size_bytes ? 1 : -1) : strcmp (x->name, y->name);
}

/* The size of each file's ops, scaled from the size when compressed alone to the size of the entry. */
static void
annotate_costs (const Writing *writing, const Task *task, VarveDescriptor *entry)
{
  g_autoptr (GArray) files = varve_layer_ops_files (writing->ops, task->layer);
  g_autoptr (GArray) costs = g_array_new (FALSE, FALSE, sizeof (Cost));
  double total = 1, seconds = 0;
  guint64 memory_bytes = 0;
  for (guint i = 0; i < files->len; i++)
    {
      const VarveFileOps *file = &writing->ops->files[g_array_index (files, guint32, i)];
      gboolean is_recoded = task->kind == VARVE_DELTA_ENTRY_VARVE && file->has_recoded;
      Cost cost = { .name = file->file->names->pdata[0],
                    .size_bytes = is_recoded ? file->recoded.kept.size_bytes : file->plain.kept.size_bytes };
      g_array_append_val (costs, cost);
      total += (double)cost.size_bytes;
      seconds += is_recoded ? file->encode_seconds : 0;
      memory_bytes = is_recoded ? MAX (memory_bytes, file->encode_bytes) : memory_bytes;
    }
  g_array_sort (costs, compare_costs);
  g_autoptr (json_object) list = json_object_new_array ();
  for (guint i = 0; i < MIN (costs->len, COSTLIEST); i++)
    {
      const Cost *cost = &g_array_index (costs, Cost, i);
      json_object *pair = json_object_new_array ();
      json_object_array_add (pair, json_object_new_string (cost->name));
      json_object_array_add (
          pair, json_object_new_int64 ((gint64)((double)cost->size_bytes / total * (double)task->blob->size_bytes)));
      json_object_array_add (list, pair);
    }
  g_autofree char *text = varve_json_to_canonical (list);
  varve_descriptor_annotate (entry, VARVE_DELTA_COSTLIEST, text);
  g_autofree char *seconds_text = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64)(seconds + 0.5));
  g_autofree char *memory_text = g_strdup_printf ("%" G_GUINT64_FORMAT, memory_bytes);
  if (task->kind != VARVE_DELTA_ENTRY_VARVE)
    return;
  varve_descriptor_annotate (entry, VARVE_DELTA_SECONDS, seconds_text);
  varve_descriptor_annotate (entry, VARVE_DELTA_MEMORY, memory_text);
}

static void
annotate_layer (const Writing *writing, guint layer, VarveDescriptor *entry)
{
  const VarveTarMap *map = writing->ops->new->files->maps->pdata[layer];
  g_autofree char *raw = g_strdup_printf ("%" G_GUINT64_FORMAT, map->sums.raw_bytes);
  varve_descriptor_annotate (entry, VARVE_DELTA_RAW_BYTES, raw);
  if (writing->ops->new->compressions[layer] != NULL)
    varve_descriptor_annotate (entry, VARVE_DELTA_COMPRESSION, writing->ops->new->compressions[layer]);
}

static gboolean
manifest_add_task (Writing *writing, VarveManifest *manifest, Task *task, GError **error)
{
  const VarveDescriptor *layer = varve_manifest_layer (writing->new->manifest, task->layer);
  if (!varve_delta_blob_publish (task->blob, writing->target, error))
    return FALSE;
  const char *media_type = task->kind == VARVE_DELTA_ENTRY_VARVE ? VARVE_DELTA_VARVE_TYPE : VARVE_DELTA_TARDIFF_TYPE;
  VarveDescriptor *entry
      = varve_delta_manifest_add (manifest, task->kind, layer, media_type, &task->blob->digest, task->blob->size_bytes);
  annotate_layer (writing, task->layer, entry);
  annotate_costs (writing, task, entry);
  return TRUE;
}

/* Adds the layer itself; its digest is checked while it is copied. */
static gboolean
manifest_add_layer (Writing *writing, VarveManifest *manifest, guint index, GCancellable *cancellable, GError **error)
{
  const VarveDescriptor *layer = varve_manifest_layer (writing->new->manifest, index);
  if (!varve_delta_target_copy (writing->target, writing->new->blobs, layer, cancellable, error))
    return FALSE;
  varve_delta_manifest_add (manifest, VARVE_DELTA_ENTRY_LAYER, layer, layer->media_type, &layer->digest,
                            layer->size_bytes);
  return TRUE;
}

static gboolean
manifest_add_entries (Writing *writing, VarveManifest *manifest, guint layer, GCancellable *cancellable, GError **error)
{
  double blob_bytes = (double)varve_manifest_layer (writing->new->manifest, layer)->size_bytes;
  double most = blob_bytes * writing->options->max_ratio;
  Task *plain = find_task (writing, layer, VARVE_DELTA_ENTRY_TARDIFF),
       *recoded = find_task (writing, layer, VARVE_DELTA_ENTRY_VARVE);
  if (plain != NULL && (double)plain->blob->size_bytes > most)
    plain = NULL;
  double others = plain != NULL ? (double)plain->blob->size_bytes : blob_bytes;
  if (recoded != NULL
      && ((double)recoded->blob->size_bytes > most || (double)recoded->blob->size_bytes > others * RECODED_RATIO))
    recoded = NULL;
  if (recoded != NULL && !manifest_add_task (writing, manifest, recoded, error))
    return FALSE;
  if (plain != NULL)
    return manifest_add_task (writing, manifest, plain, error);
  if (recoded != NULL && (writing->options->formats & VARVE_DELTA_FORMAT_TARDIFF) == 0)
    return TRUE;
  return manifest_add_layer (writing, manifest, layer, cancellable, error);
}

static gboolean
create_publish (Writing *writing, const VarveImage *old, VarveDigest *out_digest, GCancellable *cancellable,
                GError **error)
{
  const VarveImage *new = writing->new;
  g_autofree gboolean *reused = g_new0 (gboolean, new->manifest->layers->len + 1);
  for (guint layer = 0; layer < new->manifest->layers->len; layer++)
    reused[layer] = !writing->changed[layer];
  g_autofree char *source = varve_digest_to_string (&old->descriptor->digest);
  VarveDeltaEnds ends = { .source = source,
                          .source_config = old->manifest->config->digest,
                          .source_commit = varve_config_label (old->config, VARVE_LABEL_COMMIT),
                          .target = new->descriptor,
                          .target_manifest = new->manifest,
                          .target_config = new->config,
                          .reused = reused };
  g_autoptr (VarveManifest) manifest = varve_delta_manifest_new (&ends);
  for (guint layer = 0; layer < writing->new->manifest->layers->len; layer++)
    if (writing->changed[layer] && !manifest_add_entries (writing, manifest, layer, cancellable, error))
      return FALSE;
  VarveDeltaDocuments documents = { .manifest = manifest,
                                    .target_manifest = writing->new->manifest_bytes,
                                    .target_config = writing->new->config_bytes };
  return varve_delta_target_publish (writing->target, &documents, out_digest, cancellable, error);
}

static gboolean
has_diff_id (const VarveImage *image, const VarveDigest *diff_id)
{
  for (guint i = 0; i < image->config->diff_ids->len; i++)
    if (varve_digest_compare (varve_config_diff_id (image->config, i), diff_id) == 0)
      return TRUE;
  return FALSE;
}

static gboolean *
changed_layers (const VarveImage *old, const VarveImage *new)
{
  gboolean *changed = g_new0 (gboolean, new->manifest->layers->len + 1);
  for (guint i = 0; i < new->manifest->layers->len; i++)
    changed[i] = !has_diff_id (old, varve_config_diff_id (new->config, i));
  return changed;
}

static VarveReference *
delta_target (const VarveReference *target, const VarveImage *old, guint n_olds, GError **error)
{
  g_autofree char *hex = varve_digest_to_hex (&old->descriptor->digest);
  g_autofree char *text
      = g_strdup_printf ("oci:%s:%s%sdelta-from-%.*s", target->path, target->ref != NULL ? target->ref : "",
                         target->ref != NULL ? "-" : "", SOURCE_DIGITS, hex);
  VarveReference *reference = varve_reference_parse (n_olds == 1 ? target->text : text, error);
  if (reference != NULL && target->access != NULL)
    varve_reference_set_access (reference, target->access);
  return reference;
}

static double
seconds_since (gint64 start)
{
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static VarveDeltaResult *
create_one (const VarveNewEnd *new, const VarveOldEnd *old, const VarveReference *target,
            const VarveDeltaCreateOptions *options, GCancellable *cancellable, GError **error)
{
  VarveObserver *observer = options->observer;
  g_autofree gboolean *changed = changed_layers (old->image, new->image);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (VarveLayerOps) ops = varve_layer_ops_new (new, old, changed, options, cancellable, error);
  if (ops == NULL)
    return NULL;
  double match_seconds = seconds_since (start);
  start = g_get_monotonic_time ();
  g_autoptr (VarveTarget) opened = varve_target_open (target, observer, cancellable, error);
  g_autoptr (GArray) tasks = g_array_new (FALSE, FALSE, sizeof (Task));
  if (opened == NULL)
    return NULL;
  g_array_set_clear_func (tasks, task_clear);
  Writing writing = { .new = new->image,
                      .changed = changed,
                      .ops = ops,
                      .target = opened,
                      .options = options,
                      .observer = observer,
                      .tasks = tasks };
  plan_tasks (&writing);
  VarveDigest digest;
  if (!varve_parallel_for (options->jobs, tasks->len, write_task, &writing, cancellable, error)
      || !create_publish (&writing, old->image, &digest, cancellable, error))
    return NULL;
  VarveDeltaResult *result = g_new0 (VarveDeltaResult, 1);
  *result = (VarveDeltaResult){ .digest = digest, .target = g_strdup (target->text), .match_seconds = match_seconds };
  result->write_seconds = seconds_since (start);
  result->trial_seconds = new->trial_seconds;
  return result;
}

static gboolean
read_olds (GPtrArray *olds, GPtrArray *ends, const VarveEndpointOptions *options, GCancellable *cancellable,
           GError **error)
{
  for (guint i = 0; i < olds->len; i++)
    {
      VarveOldEnd *end = varve_old_end_read (olds->pdata[i], options, cancellable, error);
      if (end == NULL)
        return FALSE;
      g_ptr_array_add (ends, end);
    }
  return TRUE;
}

/* The layers that at least one of the old images lacks. */
static gboolean *
wanted_layers (GPtrArray *olds, const VarveImage *new)
{
  gboolean *wanted = g_new0 (gboolean, new->manifest->layers->len + 1);
  for (guint i = 0; i < olds->len; i++)
    {
      g_autofree gboolean *changed = changed_layers (olds->pdata[i], new);
      for (guint k = 0; k < new->manifest->layers->len; k++)
        wanted[k] |= changed[k];
    }
  return wanted;
}

GPtrArray *
varve_delta_create (GPtrArray *olds, const VarveImage *new, const VarveReference *target,
                    const VarveDeltaCreateOptions *options, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (olds->len > 0 && options->formats != 0, NULL);
  if (olds->len > 1 && target->transport != VARVE_TRANSPORT_OCI)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s' cannot hold several deltas, expected oci:DIR",
                   target->text);
      return NULL;
    }
  gboolean wants_recipes = (options->formats & VARVE_DELTA_FORMAT_VARVE) != 0 && options->max_cpu_seconds != 0;
  VarveEndpointOptions end_options = {
    .jobs = options->jobs,
    .work_path = options->work_path,
    .observer = options->observer,
    .new_kind = wants_recipes ? VARVE_ANATOMY_RECIPES : VARVE_ANATOMY_DECODE,
  };
  g_autoptr (GPtrArray) ends = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_old_end_free);
  gint64 start = g_get_monotonic_time ();
  if (!read_olds (olds, ends, &end_options, cancellable, error))
    return NULL;
  g_autofree gboolean *wanted = wanted_layers (olds, new);
  g_autoptr (VarveNewEnd) new_end = varve_new_end_read (new, wanted, ends, &end_options, cancellable, error);
  if (new_end == NULL)
    return NULL;
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_delta_result_free);
  double read_seconds = seconds_since (start) - new_end->trial_seconds;
  for (guint i = 0; i < olds->len; i++)
    {
      g_autoptr (VarveReference) place = delta_target (target, olds->pdata[i], olds->len, error);
      if (place == NULL || !varve_old_end_dissect (ends->pdata[i], new_end, &end_options, cancellable, error))
        return NULL;
      VarveDeltaResult *result = create_one (new_end, ends->pdata[i], place, options, cancellable, error);
      if (result == NULL)
        return NULL;
      result->read_seconds = read_seconds;
      g_ptr_array_add (results, result);
    }
  return g_steal_pointer (&results);
}
