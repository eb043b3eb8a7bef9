/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the entry for each layer: the smallest one that the limits allow and that gives the right diff ID. */
#include "delta/rebuild.h"

#include "base/error.h"
#include "base/parallel.h"
#include "codec/recipe-memory.h"
#include "oci/blob-aside.h"

/* No layer of the field comes near. */
#define LAYER_MAX_BYTES (64ull << 30)

/* The highest ratios of the formats: deflate's, and a zstd block of 4 bytes that repeats one byte 128 KiB times. */
enum { GZIP_MAX_RATIO = 1040, ZSTD_MAX_RATIO = 32768 };

/* Declared seconds are rounded. */
enum { ROUNDED_SECONDS = 1 };

typedef struct {
  const VarveDelta *delta;
  VarveOldTree *tree;
  const VarveApplyOptions *options;
  VarveObserver *progress; /* counts bytes of tars; NULL for a caller that counts itself */
  VarveReplayCache *cache;
  VarveExtentFile *spool;
  VarveRebuilt *rebuilt; /* of varve_rebuild() */
  guint *order;          /* layers, the largest first */
} Rebuilding;

void
varve_rebuilt_free (VarveRebuilt *rebuilt)
{
  g_array_unref (rebuilt->layers);
  varve_extent_file_free (rebuilt->spool);
  g_free (rebuilt);
}

typedef struct {
  VarveHash *hash;
  VarveExtentFileWriter *writer;
  VarveObserver *observer;
} Output;

static gboolean
output_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Output *output = data;
  varve_hash_update (output->hash, bytes, size_bytes);
  varve_observer_advance (output->observer, size_bytes);
  return varve_extent_file_writer_write (output->writer, bytes, size_bytes, error);
}

/* Fetches the whole entry and checks its digest before its ops are executed: a damaged blob is not reported as a wrong
 * delta, and is fetched only once. */
static GInputStream *
entry_fetch (const Rebuilding *work, const VarveDeltaEntry *entry, GCancellable *cancellable, GError **error)
{
  VarveBlobAside aside = { .folder = work->options->work_path, .limit = work->options->limit };
  return varve_blob_aside (&aside, work->delta->blobs, entry->descriptor, cancellable, error);
}

static guint64
entry_raw_bytes (const VarveDeltaEntry *entry)
{
  const char *text = varve_descriptor_annotation (entry->descriptor, VARVE_DELTA_RAW_BYTES);
  guint64 size_bytes;
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, LAYER_MAX_BYTES, &size_bytes, NULL) ? size_bytes
                                                                                                      : LAYER_MAX_BYTES;
}

/* The largest tar that a layer of the target can have. */
static guint64
target_tar_max_bytes (const VarveDescriptor *layer)
{
  guint64 ratio = ZSTD_MAX_RATIO;
  if (g_str_has_suffix (layer->media_type, "gzip"))
    ratio = GZIP_MAX_RATIO;
  else if (g_str_has_suffix (layer->media_type, "tar"))
    ratio = 1;
  return layer->size_bytes > LAYER_MAX_BYTES / ratio ? LAYER_MAX_BYTES : layer->size_bytes * ratio;
}

static gboolean
entry_declares (const VarveDeltaEntry *entry, const char *key, guint64 *out_number)
{
  const char *text = varve_descriptor_annotation (entry->descriptor, key);
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, out_number, NULL);
}

/* The part of the budget that the entry takes, and its limit. */
static guint64
entry_memory (const Rebuilding *work, const VarveDeltaEntry *entry)
{
  guint64 bytes;
  if (entry->kind != VARVE_DELTA_ENTRY_VARVE)
    return 0;
  if (entry_declares (entry, VARVE_DELTA_MEMORY, &bytes))
    return bytes;
  return MIN (varve_budget_total (work->options->memory), VARVE_APPLY_MEMORY_BYTES);
}

/* Done before anything is fetched or written. */
static gboolean
entry_check_size (const Rebuilding *work, const VarveDeltaEntry *entry, guint64 *out_max_bytes, GError **error)
{
  const VarveDescriptor *layer = varve_manifest_layer (work->delta->target, entry->layer);
  guint64 declared, possible = target_tar_max_bytes (layer);
  gboolean is_declared = entry_declares (entry, VARVE_DELTA_RAW_BYTES, &declared);
  *out_max_bytes = is_declared ? declared : MIN (possible, varve_extent_file_free_bytes (work->spool));
  if (!is_declared || declared <= possible)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "the delta declares a tar of %" G_GUINT64_FORMAT " bytes: a layer of %" G_GUINT64_FORMAT
               " bytes has at most %" G_GUINT64_FORMAT,
               declared, layer->size_bytes, possible);
  return FALSE;
}

/* A writer that has its room, where the delta says how much that is, before other layers take it. */
static VarveExtentFileWriter *
entry_writer_new (const Rebuilding *work, const VarveDeltaEntry *entry, guint64 max_bytes, GError **error)
{
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (work->spool, max_bytes);
  guint64 declared;
  if (!entry_declares (entry, VARVE_DELTA_RAW_BYTES, &declared)
      || varve_extent_file_writer_claim (writer, declared, error))
    return g_steal_pointer (&writer);
  return NULL;
}

static gboolean
entry_replay_within (const Rebuilding *work, const VarveDeltaEntry *entry, guint64 max_memory_bytes,
                     VarveExtent *out_tar, GCancellable *cancellable, GError **error)
{
  guint64 max_bytes;
  if (!entry_check_size (work, entry, &max_bytes, error))
    return FALSE;
  g_autoptr (VarveExtentFileWriter) writer = entry_writer_new (work, entry, max_bytes, error);
  g_autoptr (GInputStream) blob = writer != NULL ? entry_fetch (work, entry, cancellable, error) : NULL;
  g_autoptr (VarveHash) hash = varve_hash_new ();
  Output output = { .hash = hash, .writer = writer, .observer = work->progress };
  VarveSink sink = { .write = output_write, .data = &output };
  VarveReplayOptions replay = { .old = work->tree, .cache = work->cache, .max_bytes = max_bytes };
  replay.max_memory_bytes = max_memory_bytes;
  replay.max_cpu_seconds = work->options->max_cpu_seconds < 0 ? -1 : work->options->max_cpu_seconds + ROUNDED_SECONDS;
  if (blob == NULL || !varve_replay (blob, &replay, &sink, cancellable, error)
      || !varve_extent_file_writer_finish (writer, out_tar, error))
    return FALSE;
  VarveDigest found = varve_hash_finish (hash);
  const VarveDigest *expected = varve_config_diff_id (work->delta->config, entry->layer);
  if (varve_digest_compare (&found, expected) == 0)
    return TRUE;
  g_autofree char *found_text = varve_digest_to_string (&found), *expected_text = varve_digest_to_string (expected);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the result has the diff ID %s, expected %s", found_text,
               expected_text);
  return FALSE;
}

static gboolean
entry_replay (const Rebuilding *work, const VarveDeltaEntry *entry, VarveExtent *out_tar, GCancellable *cancellable,
              GError **error)
{
  VarveBudget *budget = work->options->memory;
  if (budget == NULL)
    return entry_replay_within (work, entry, VARVE_RECIPE_MEMORY_MAX_BYTES, out_tar, cancellable, error);
  guint64 memory_bytes = entry_memory (work, entry);
  varve_budget_take (budget, memory_bytes);
  gboolean done = entry_replay_within (work, entry, MIN (memory_bytes, VARVE_RECIPE_MEMORY_MAX_BYTES), out_tar,
                                       cancellable, error);
  varve_budget_give (budget, memory_bytes);
  return done;
}

/* Done before anything is fetched. Declared costs may be wrong, so the replay checks too. */
static gboolean
entry_check_costs (const VarveApplyOptions *options, const VarveDeltaEntry *entry, GError **error)
{
  guint64 seconds, bytes;
  if (options->max_cpu_seconds >= 0 && entry_declares (entry, VARVE_DELTA_SECONDS, &seconds)
      && (double)seconds > options->max_cpu_seconds)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "the encoders take %" G_GUINT64_FORMAT " s, the limit is %g s", seconds, options->max_cpu_seconds);
      return FALSE;
    }
  if (options->memory != NULL && entry_declares (entry, VARVE_DELTA_MEMORY, &bytes)
      && bytes > varve_budget_total (options->memory))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "the encoders need %" G_GUINT64_FORMAT " MB of memory, the limit is %" G_GUINT64_FORMAT " MB",
                   bytes / 1000000, varve_budget_total (options->memory) / 1000000);
      return FALSE;
    }
  return TRUE;
}

/* The entries of a layer are tried in this order, which is mostly that of their sizes. */
static const VarveDeltaEntryKind KINDS[]
    = { VARVE_DELTA_ENTRY_VARVE, VARVE_DELTA_ENTRY_TARDIFF, VARVE_DELTA_ENTRY_LAYER };

const VarveDeltaEntry *
varve_rebuild_choose (const VarveDelta *delta, guint layer, const VarveApplyOptions *limits)
{
  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    {
      const VarveDeltaEntry *entry = varve_delta_find (delta, layer, KINDS[i]);
      if (entry != NULL && (KINDS[i] != VARVE_DELTA_ENTRY_VARVE || entry_check_costs (limits, entry, NULL)))
        return entry;
    }
  return NULL;
}

/* Tries the entries of a layer. A skipped entry is reported only if no other gives the layer. */
static gboolean
rebuild_by (const Rebuilding *work, guint layer, VarveDeltaEntryKind last, VarveRebuiltLayer *rebuilt,
            GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean is_affordable = TRUE;
  *rebuilt = (VarveRebuiltLayer){ .kind = -1 };
  for (guint i = 0; rebuilt->entry == NULL && (i == 0 || KINDS[i - 1] != last); i++)
    {
      const VarveDeltaEntry *entry = varve_delta_find (work->delta, layer, KINDS[i]);
      if (entry == NULL)
        continue;
      if (failure != NULL && is_affordable)
        varve_observer_warn (work->options->observer, "layer %u: %s; trying another entry of the delta", layer,
                             failure->message);
      g_clear_error (&failure);
      is_affordable = KINDS[i] != VARVE_DELTA_ENTRY_VARVE || entry_check_costs (work->options, entry, &failure);
      if (!is_affordable)
        continue;
      gboolean done
          = KINDS[i] == VARVE_DELTA_ENTRY_LAYER
                ? varve_blobs_stream (work->delta->blobs, entry->descriptor, NULL, NULL, cancellable, &failure)
                : entry_replay (work, entry, &rebuilt->tar, cancellable, &failure);
      if (done)
        *rebuilt = (VarveRebuiltLayer){ .kind = (int)KINDS[i], .entry = entry, .tar = rebuilt->tar };
      else if (g_cancellable_is_cancelled (cancellable))
        break;
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
rebuild_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Rebuilding *work = data;
  guint layer = work->order[index];
  VarveRebuiltLayer *rebuilt = &g_array_index (work->rebuilt->layers, VarveRebuiltLayer, layer);
  if (rebuild_by (work, layer, VARVE_DELTA_ENTRY_LAYER, rebuilt, cancellable, error))
    return TRUE;
  g_prefix_error (error, "layer %u: ", layer);
  return FALSE;
}

gboolean
varve_rebuild_layer (const VarveRebuildParts *parts, guint layer, VarveExtentFile *spool, VarveRebuiltLayer *out_layer,
                     GCancellable *cancellable, GError **error)
{
  Rebuilding work = {
    .delta = parts->delta, .tree = parts->tree, .cache = parts->cache, .spool = spool, .options = parts->options
  };
  VarveRebuiltLayer rebuilt;
  if (!rebuild_by (&work, layer, VARVE_DELTA_ENTRY_TARDIFF, &rebuilt, cancellable, error))
    return FALSE;
  *out_layer = rebuilt;
  return TRUE;
}

static int
compare_layers (gconstpointer a, gconstpointer b, gpointer data)
{
  const VarveDelta *delta = data;
  guint x = *(const guint *)a, y = *(const guint *)b;
  guint64 left = varve_manifest_layer (delta->target, x)->size_bytes,
          right = varve_manifest_layer (delta->target, y)->size_bytes;
  if (left != right)
    return left < right ? 1 : -1;
  return (x > y) - (x < y);
}

/* For progress: the declared size of a layer's tar, or 0. */
static guint64
layer_raw_bytes (const VarveDelta *delta, guint layer)
{
  const VarveDeltaEntry *entry = varve_delta_find (delta, layer, VARVE_DELTA_ENTRY_VARVE);
  entry = entry != NULL ? entry : varve_delta_find (delta, layer, VARVE_DELTA_ENTRY_TARDIFF);
  guint64 bytes = entry != NULL ? entry_raw_bytes (entry) : LAYER_MAX_BYTES;
  return bytes < LAYER_MAX_BYTES ? bytes : 0;
}

VarveRebuilt *
varve_rebuild (const VarveDelta *delta, VarveOldTree *tree, const VarveApplyOptions *options, GCancellable *cancellable,
               GError **error)
{
  guint n_layers = delta->target->layers->len;
  g_autoptr (VarveReplayCache) cache = varve_replay_cache_new (options->work_path, error);
  VarveExtentFile *spool = cache != NULL ? varve_extent_file_new (options->work_path, error) : NULL;
  if (spool == NULL)
    return NULL;
  g_autoptr (VarveRebuilt) rebuilt = g_new0 (VarveRebuilt, 1);
  rebuilt->spool = spool;
  rebuilt->layers = g_array_new (FALSE, TRUE, sizeof (VarveRebuiltLayer));
  g_autofree guint *order = g_new0 (guint, n_layers);
  guint64 total = 0;
  g_array_set_size (rebuilt->layers, n_layers);
  for (guint i = 0; i < n_layers; i++)
    {
      order[i] = i;
      total += layer_raw_bytes (delta, i);
    }
  g_qsort_with_data (order, (int)n_layers, sizeof *order, compare_layers, (gpointer)delta);
  varve_observer_begin (options->observer, "rebuilding layers", total);
  Rebuilding work = {
    .delta = delta,
    .tree = tree,
    .options = options,
    .progress = options->observer,
    .cache = cache,
    .spool = spool,
    .rebuilt = rebuilt,
    .order = order,
  };
  if (!varve_parallel_for (options->jobs, n_layers, rebuild_layer, &work, cancellable, error))
    return NULL;
  return g_steal_pointer (&rebuilt);
}
