#include "delta/rebuild.h"

#include "base/error.h"
#include "base/parallel.h"

/* No layer of the field comes near. */
#define LAYER_MAX_BYTES (64ull << 30)

typedef struct {
  const VarveDelta *delta;
  VarveOldTree *tree;
  const VarveApplyOptions *options;
  VarveReplayCache *cache;
  VarveRebuilt *rebuilt;
  VarveObserver *observer;
  guint *order;            /* layers, the largest first */
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
take_output (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Output *output = data;
  varve_hash_update (output->hash, bytes, size_bytes);
  varve_observer_advance (output->observer, size_bytes);
  return varve_extent_file_writer_write (output->writer, bytes, size_bytes, error);
}

/* The blob is hashed beside, so that a damaged delta is told from a wrong one. */
static gboolean
check_blob (const Rebuilding *work, const VarveDeltaEntry *entry, GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) blob = varve_blobs_open (work->delta->blobs, entry->descriptor, cancellable, error);
  return blob != NULL && varve_blobs_stream (work->delta->blobs, entry->descriptor, NULL, NULL, cancellable, error);
}

static guint64
limit_of (const VarveDeltaEntry *entry)
{
  const char *text = varve_descriptor_annotation (entry->descriptor, VARVE_DELTA_RAW_BYTES);
  guint64 size_bytes;
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, LAYER_MAX_BYTES, &size_bytes, NULL) ? size_bytes : LAYER_MAX_BYTES;
}

static gboolean
replay_entry (Rebuilding *work, const VarveDeltaEntry *entry, VarveExtent *out_tar, GCancellable *cancellable, GError **error)
{
  if (!check_blob (work, entry, cancellable, error))
    return FALSE;
  g_autoptr (GInputStream) blob = varve_blobs_open (work->delta->blobs, entry->descriptor, cancellable, error);
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (work->rebuilt->spool, LAYER_MAX_BYTES);
  g_autoptr (VarveHash) hash = varve_hash_new ();
  Output output = { .hash = hash, .writer = writer, .observer = work->observer };
  VarveSink sink = { .write = take_output, .data = &output };
  VarveReplayOptions replay = { .old = work->tree, .cache = work->cache, .max_bytes = limit_of (entry) };
  if (blob == NULL || !varve_replay (blob, &replay, &sink, cancellable, error) || !varve_extent_file_writer_finish (writer, out_tar, error))
    return FALSE;
  VarveDigest found = varve_hash_finish (hash);
  const VarveDigest *expected = varve_config_diff_id (work->delta->config, entry->layer);
  if (varve_digest_compare (&found, expected) == 0)
    return TRUE;
  g_autofree char *found_text = varve_digest_to_string (&found), *expected_text = varve_digest_to_string (expected);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "what it gives has the diff ID %s: expected %s", found_text, expected_text);
  return FALSE;
}

static gboolean
is_within_cpu (const Rebuilding *work, const VarveDeltaEntry *entry)
{
  const char *text = varve_descriptor_annotation (entry->descriptor, VARVE_DELTA_SECONDS);
  guint64 seconds;
  return work->options->max_cpu_seconds < 0 || text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &seconds, NULL)
         || (double)seconds <= work->options->max_cpu_seconds;
}

/* One entry after another, the smallest first, until one gives the layer. */
static gboolean
rebuild_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  static const VarveDeltaEntryKind KINDS[] = { VARVE_DELTA_ENTRY_LOOKING, VARVE_DELTA_ENTRY_TARDIFF, VARVE_DELTA_ENTRY_LAYER };
  Rebuilding *work = data;
  guint layer = work->order[index];
  VarveRebuiltLayer *rebuilt = &g_array_index (work->rebuilt->layers, VarveRebuiltLayer, layer);
  g_autoptr (GError) failure = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (KINDS) && rebuilt->entry == NULL; i++)
    {
      const VarveDeltaEntry *entry = varve_delta_find (work->delta, layer, KINDS[i]);
      if (entry == NULL || (KINDS[i] == VARVE_DELTA_ENTRY_LOOKING && !is_within_cpu (work, entry)))
        continue;
      if (failure != NULL)
        varve_observer_warn (work->observer, "layer %u: %s; trying another entry of the delta", layer, failure->message);
      g_clear_error (&failure);
      gboolean done = KINDS[i] == VARVE_DELTA_ENTRY_LAYER ? check_blob (work, entry, cancellable, &failure)
                                                          : replay_entry (work, entry, &rebuilt->tar, cancellable, &failure);
      if (done)
        *rebuilt = (VarveRebuiltLayer){ .kind = (int)KINDS[i], .entry = entry, .tar = rebuilt->tar };
      else if (g_cancellable_is_cancelled (cancellable))
        break;
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&failure), "layer %u: ", layer);
  return FALSE;
}

gboolean
varve_rebuild_layer (const VarveDelta *delta, guint layer, VarveOldTree *tree, VarveReplayCache *cache, VarveExtentFile *spool,
                     const VarveApplyOptions *options, VarveObserver *observer, VarveRebuiltLayer *out_layer, GCancellable *cancellable,
                     GError **error)
{
  VarveRebuilt rebuilt = { .spool = spool, .layers = g_array_new (FALSE, TRUE, sizeof (VarveRebuiltLayer)) };
  Rebuilding work = { .delta = delta, .tree = tree, .options = options, .cache = cache, .rebuilt = &rebuilt, .observer = observer, .order = &layer };
  g_array_set_size (rebuilt.layers, layer + 1);
  g_array_index (rebuilt.layers, VarveRebuiltLayer, layer).kind = -1;
  gboolean done = rebuild_layer (0, &work, cancellable, error);
  *out_layer = g_array_index (rebuilt.layers, VarveRebuiltLayer, layer);
  g_array_unref (rebuilt.layers);
  return done;
}

static int
compare_layers (gconstpointer a, gconstpointer b, gpointer data)
{
  const VarveDelta *delta = data;
  guint x = *(const guint *)a, y = *(const guint *)b;
  guint64 left = varve_manifest_layer (delta->target, x)->size_bytes, right = varve_manifest_layer (delta->target, y)->size_bytes;
  return left != right ? (left < right ? 1 : -1) : (int)x - (int)y;
}

/* For progress: the size of a layer's tar, 0 where it is not told. */
static guint64
expected_bytes (const VarveDelta *delta, guint layer)
{
  const VarveDeltaEntry *entry = varve_delta_find (delta, layer, VARVE_DELTA_ENTRY_LOOKING);
  entry = entry != NULL ? entry : varve_delta_find (delta, layer, VARVE_DELTA_ENTRY_TARDIFF);
  guint64 bytes = entry != NULL ? limit_of (entry) : LAYER_MAX_BYTES;
  return bytes < LAYER_MAX_BYTES ? bytes : 0;
}

VarveRebuilt *
varve_rebuild (const VarveDelta *delta, VarveOldTree *tree, const VarveApplyOptions *options, VarveObserver *observer, GCancellable *cancellable,
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
  for (guint i = 0; i < n_layers; i++)
    {
      VarveRebuiltLayer none = { .kind = -1 };
      g_array_append_val (rebuilt->layers, none);
      order[i] = i;
      total += expected_bytes (delta, i);
    }
  g_qsort_with_data (order, (int)n_layers, sizeof *order, compare_layers, (gpointer)delta);
  varve_observer_begin (observer, "rebuilding layers", total);
  Rebuilding work = { .delta = delta, .tree = tree, .options = options, .cache = cache, .rebuilt = rebuilt, .observer = observer, .order = order };
  if (!varve_parallel_for (options->jobs, n_layers, rebuild_layer, &work, cancellable, error))
    return NULL;
  return g_steal_pointer (&rebuilt);
}
