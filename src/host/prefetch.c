/* The commit layer is read first, because its signature decides whether anything else is wanted, and entered last. */
#include "host/prefetch.h"

#include "base/error.h"
#include "base/parallel.h"
#include "host/prefetch-lookup.h"
#include "oci/blob-aside.h"
#include "ostree/pin.h"
#include "ostree/signature.h"
#include "verify/image-rules.h"
#include "verify/import-layer.h"

typedef struct {
  const VarveImage *image;
  const VarvePrefetchOptions *options;
  VarveObserver *observer;
  VarveRepo *repo;
  VarveBlobAside aside;
  guint n_ostree_layers;
  VarveLookup *lookups; /* of each of these */
  VarvePrefetch *result;
  GArray *wanted;         /* guint: layers of content to bring */
  VarveLayerRecord *base; /* NULL where the repository has the commit layer */
} Work;

static gboolean
check_image (const VarveImage *image, guint *out_n_ostree_layers, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveImageShape shape;
  if (varve_config_label (image->config, "ostree.final-diffid") == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "this is not an image of an OSTree commit (its config has no label 'ostree.final-diffid'): "
                   "what a host makes of its layers cannot be made ahead");
      return FALSE;
    }
  gboolean has_shape = varve_image_rules_check (image, findings, &shape);
  if (!varve_import_check (findings, error) || !has_shape)
    return FALSE;
  *out_n_ostree_layers = shape.n_ostree_layers;
  return TRUE;
}

static VarvePrefetchLayer *
result_layer (Work *work, guint index)
{
  return &g_array_index (work->result->layers, VarvePrefetchLayer, index);
}

static gboolean
look_up (Work *work, GCancellable *cancellable, GError **error)
{
  varve_observer_begin (work->observer, "looking at the repository", 0);
  g_autoptr (GHashTable) diff_ids = varve_lookup_diff_ids (work->repo, cancellable, error);
  if (diff_ids == NULL)
    return FALSE;
  for (guint i = 0; i < work->n_ostree_layers; i++)
    {
      VarveLookup *lookup = &work->lookups[i];
      if (!varve_lookup_layer (work->repo, diff_ids, work->image, i, lookup, cancellable, error))
        return FALSE;
      g_autofree char *place = varve_layer_place (work->image, i);
      if (lookup->broken != NULL)
        varve_observer_warn (work->observer, "%s: the repository has it in part (%s): %s", place, lookup->broken,
                             lookup->is_linked ? "it is linked anew" : "it is fetched anew");
      result_layer (work, i)->state = lookup->is_linked ? VARVE_PREFETCH_LINKED
                                      : lookup->has     ? VARVE_PREFETCH_PRESENT
                                                        : VARVE_PREFETCH_FETCHED;
      if (!lookup->has && i > 0)
        g_array_append_val (work->wanted, i);
    }
  return TRUE;
}

static gboolean
set_pin (const Work *work, GCancellable *cancellable, GError **error)
{
  const VarvePrefetchGuard *guard = &work->options->guard;
  if (guard->lock != NULL && !guard->lock (guard->data, cancellable, error))
    return FALSE;
  gboolean ok = varve_pin_set (work->options->repo_path, &work->image->descriptor->digest, work->image->manifest_bytes,
                               cancellable, error);
  if (guard->unlock != NULL)
    guard->unlock (guard->data);
  return ok;
}

static gboolean
link_layers (const Work *work, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < work->n_ostree_layers; i++)
    if (work->lookups[i].is_linked
        && !varve_layer_cache_link (work->options->repo_path, &varve_manifest_layer (work->image->manifest, i)->digest,
                                    &work->lookups[i].commit, cancellable, error))
      return FALSE;
  return TRUE;
}

/* All of the layer but the ref: its objects are in the repository then, except for the commit. */
static VarveLayerRecord *
take_in (Work *work, VarveReadLayer *layer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveImporter) importer = varve_importer_begin (work->options->repo_path, cancellable, error);
  if (importer == NULL)
    return NULL;
  VarveObjectSink sink = varve_import_sink (importer);
  g_autoptr (VarveLayerRecord) record = varve_import_layer (layer, &sink, cancellable, error);
  return record != NULL && varve_importer_commit (importer, NULL, NULL, cancellable, error) ? g_steal_pointer (&record)
                                                                                            : NULL;
}

static VarveReadLayer
layer_of (const Work *work, guint index)
{
  return (VarveReadLayer){ .image = work->image,
                           .index = index,
                           .role = index == 0 ? VARVE_LAYER_COMMIT : VARVE_LAYER_CONTENT };
}

/* Where its tar can be made here. NULL without an error where it cannot. */
static VarveLayerRecord *
rebuild (Work *work, guint index, GCancellable *cancellable)
{
  const VarveTarSource *tars = work->options->tars;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GInputStream) tar = tars != NULL ? tars->open_tar (tars->data, index, cancellable, &failure) : NULL;
  VarveReadLayer layer = layer_of (work, index);
  layer.tar = tar;
  VarveLayerRecord *record = tar != NULL ? take_in (work, &layer, cancellable, &failure) : NULL;
  if (failure != NULL && !g_cancellable_is_cancelled (cancellable))
    {
      g_autofree char *place = varve_layer_place (work->image, index);
      varve_observer_warn (work->observer, "%s: it cannot be rebuilt here, so it is fetched: %s", place,
                           failure->message);
    }
  return record;
}

static VarveLayerRecord *
fetch (Work *work, guint index, GCancellable *cancellable, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (work->image->manifest, index);
  g_autoptr (GInputStream) blob = varve_blob_aside (&work->aside, work->image->blobs, descriptor, cancellable, error);
  VarveReadLayer layer = layer_of (work, index);
  layer.blob = blob;
  if (blob != NULL)
    return take_in (work, &layer, cancellable, error);
  g_autofree char *place = varve_layer_place (work->image, index);
  g_prefix_error (error, "%s: ", place);
  return NULL;
}

static VarveLayerRecord *
bring (Work *work, guint index, GCancellable *cancellable, GError **error)
{
  VarveLayerRecord *record = rebuild (work, index, cancellable);
  if (record == NULL)
    return fetch (work, index, cancellable, error);
  result_layer (work, index)->state = VARVE_PREFETCH_REBUILT;
  varve_observer_advance (work->observer, varve_manifest_layer (work->image->manifest, index)->size_bytes);
  return record;
}

static gboolean
bring_content (gsize position, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  guint index = g_array_index (work->wanted, guint, position);
  g_autoptr (VarveLayerRecord) record = bring (work, index, cancellable, error);
  if (record == NULL)
    return FALSE;
  g_autofree VarveDigest *objects = g_new (VarveDigest, record->objects->len);
  for (guint i = 0; i < record->objects->len; i++)
    objects[i] = g_array_index (record->objects, VarveLayerObject, i).checksum;
  if (varve_layer_cache_add_content (work->options->repo_path,
                                     &varve_manifest_layer (work->image->manifest, index)->digest, objects,
                                     record->objects->len, cancellable, error))
    return TRUE;
  g_prefix_error (error, "%s: ", record->place);
  return FALSE;
}

/* Of the commit that the repository has, or that has just been read. */
static gboolean
check_signature (const Work *work, GError **error)
{
  if (work->options->remote == NULL)
    return TRUE;
  if (work->base != NULL)
    return varve_signature_check (work->repo, work->options->remote, work->base->commit_raw, work->base->commitmeta_raw,
                                  error);
  VarveSource *source = varve_repo_source (work->repo);
  const VarveDigest *commit = &work->lookups[0].commit;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, commit, error);
  g_autoptr (GBytes) detached
      = raw != NULL ? source->load_metadata (source, VARVE_METADATA_COMMITMETA, commit, &failure) : NULL;
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else if (raw != NULL)
    return varve_signature_check (work->repo, work->options->remote, raw, detached, error);
  return FALSE;
}

static gboolean
enter_base (const Work *work, GCancellable *cancellable, GError **error)
{
  if (work->base == NULL)
    return TRUE;
  VarveBaseCommit base = {
    .commit = { work->base->commit, work->base->commit_raw, work->base->commitmeta_raw },
    .dirtrees = work->base->dirtrees,
    .dirmetas = work->base->dirmetas,
  };
  if (varve_layer_cache_add_base (work->options->repo_path, &varve_manifest_layer (work->image->manifest, 0)->digest,
                                  &base, cancellable, error))
    return TRUE;
  g_prefix_error (error, "%s: ", work->base->place);
  return FALSE;
}

static guint64
bytes_to_bring (const Work *work)
{
  guint64 bytes = 0;
  for (guint i = 0; i < work->n_ostree_layers; i++)
    bytes += work->lookups[i].has ? 0 : varve_manifest_layer (work->image->manifest, i)->size_bytes;
  return bytes;
}

static gboolean
bring_all (Work *work, GCancellable *cancellable, GError **error)
{
  guint64 bytes = bytes_to_bring (work);
  if (bytes > 0)
    varve_observer_begin (work->observer, "prefetching layers", bytes);
  if (!work->lookups[0].has && (work->base = bring (work, 0, cancellable, error)) == NULL)
    return FALSE;
  return check_signature (work, error)
         && varve_parallel_for (work->options->jobs, work->wanted->len, bring_content, work, cancellable, error)
         && link_layers (work, cancellable, error) && enter_base (work, cancellable, error);
}

static VarvePrefetch *
new_result (const VarveImage *image)
{
  VarvePrefetch *prefetch = g_new0 (VarvePrefetch, 1);
  prefetch->layers = g_array_new (FALSE, FALSE, sizeof (VarvePrefetchLayer));
  for (guint i = 0; i < image->manifest->layers->len; i++)
    {
      const VarveDescriptor *descriptor = varve_manifest_layer (image->manifest, i);
      VarvePrefetchLayer layer = {
        .state = VARVE_PREFETCH_SKIPPED,
        .digest = descriptor->digest,
        .diff_id = *varve_config_diff_id (image->config, i),
        .size_bytes = descriptor->size_bytes,
      };
      g_array_append_val (prefetch->layers, layer);
    }
  return prefetch;
}

static gboolean
run (Work *work, GCancellable *cancellable, GError **error)
{
  return look_up (work, cancellable, error) && set_pin (work, cancellable, error)
         && bring_all (work, cancellable, error);
}

VarvePrefetch *
varve_prefetch_image (const VarveImage *image, const VarvePrefetchOptions *options, VarveObserver *observer,
                      GCancellable *cancellable, GError **error)
{
  Work work = { .image = image, .options = options, .observer = observer };
  if (!check_image (image, &work.n_ostree_layers, error))
    return NULL;
  g_autoptr (VarveRepo) repo = varve_repo_open (options->repo_path, cancellable, error);
  if (repo == NULL)
    return NULL;
  g_autofree char *folder = g_build_filename (options->repo_path, "tmp", NULL);
  g_autoptr (VarvePrefetch) result = new_result (image);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (guint));
  work.repo = repo;
  work.aside = (VarveBlobAside){ .folder = folder, .limit = options->limit, .observer = observer };
  work.lookups = g_new0 (VarveLookup, work.n_ostree_layers);
  work.result = result;
  work.wanted = wanted;
  gboolean ok = run (&work, cancellable, error);
  for (guint i = 0; i < work.n_ostree_layers; i++)
    varve_lookup_clear (&work.lookups[i]);
  g_free (work.lookups);
  g_clear_pointer (&work.base, varve_layer_record_free);
  return ok ? g_steal_pointer (&result) : NULL;
}

gboolean
varve_prefetch_clear (const char *repo_path, gboolean *out_had_pin, GCancellable *cancellable, GError **error)
{
  guint n;
  if (!varve_pin_clear (repo_path, &n, cancellable, error))
    return FALSE;
  *out_had_pin = n > 0;
  return TRUE;
}
