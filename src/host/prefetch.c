/* SPDX-License-Identifier: Apache-2.0 */
/* The commit layer is read first, and nothing is written or fetched when its signature is wrong. Only objects of the
 * commit are written. The ref of the commit layer is written last. */
#include "host/prefetch.h"

#include "base/error.h"
#include "base/parallel.h"
#include "host/prefetch-lookup.h"
#include "model/image-keys.h"
#include "oci/blob-aside.h"
#include "ostree/commit.h"
#include "ostree/dirtrees.h"
#include "ostree/pin.h"
#include "ostree/signature.h"
#include "ostree/staging.h"
#include "verify/commit-tree.h"
#include "verify/image-rules.h"
#include "verify/import-layer.h"
#include "verify/stale.h"

typedef struct {
  const VarveImage *image;
  const VarvePrefetchOptions *options;
  VarveObserver *observer;
  VarveRepo *repo;
  VarveBlobAside aside;
  guint n_ostree_layers;
  VarveLookup *lookups; /* n_ostree_layers */
  VarvePrefetch *result;
  GArray *wanted;         /* guint: layers of content to get */
  VarveLayerRecord *base; /* the commit layer; NULL when the repository has it */
  GHashTable *files;      /* set of VarveDigest: content objects of the commit; NULL before its signature is checked */
} Prefetch;

static gboolean
prefetch_check_image (const VarveImage *image, guint *out_n_ostree_layers, GError **error)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  VarveImageShape shape;
  if (varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "not an image of an OSTree commit (the config has no label 'ostree.final-diffid'): "
                   "layers of other images cannot be prefetched");
      return FALSE;
    }
  gboolean has_shape = varve_image_rules_check (image, findings, &shape);
  if (!varve_import_check (findings, error) || !has_shape)
    return FALSE;
  *out_n_ostree_layers = shape.n_ostree_layers;
  return TRUE;
}

static VarvePrefetchLayer *
result_layer (const Prefetch *self, guint index)
{
  return &g_array_index (self->result->layers, VarvePrefetchLayer, index);
}

/* A layer with stale objects would be left in the end (prefetch_leave()), so it is not fetched. */
static void
prefetch_want (Prefetch *self, guint index)
{
  if (!varve_stale_is_declared (varve_manifest_layer (self->image->manifest, index)))
    g_array_append_val (self->wanted, index);
  else
    result_layer (self, index)->state = VARVE_PREFETCH_SKIPPED;
}

static gboolean
prefetch_look_up (Prefetch *self, GCancellable *cancellable, GError **error)
{
  varve_observer_begin (self->observer, "reading the repository", 0);
  g_autoptr (VarveLookupTable) table = varve_lookup_table_new (self->repo, cancellable, error);
  if (table == NULL)
    return FALSE;
  for (guint i = 0; i < self->n_ostree_layers; i++)
    {
      VarveLookup *lookup = &self->lookups[i];
      if (!varve_lookup_layer (table, self->image, i, lookup, cancellable, error))
        return FALSE;
      g_autofree char *place = varve_layer_place (self->image, i);
      if (lookup->broken != NULL)
        varve_observer_warn (self->observer, "%s: incomplete in the repository (%s); %s", place, lookup->broken,
                             lookup->is_linked ? "linking it again" : "fetching it again");
      VarvePrefetchState state = lookup->has ? VARVE_PREFETCH_PRESENT : VARVE_PREFETCH_FETCHED;
      result_layer (self, i)->state = lookup->is_linked ? VARVE_PREFETCH_LINKED : state;
      if (!lookup->has && i > 0)
        prefetch_want (self, i);
    }
  return TRUE;
}

static gboolean
prefetch_set_pin (const Prefetch *self, GCancellable *cancellable, GError **error)
{
  const VarvePrefetchGuard *guard = &self->options->guard;
  if (guard->lock != NULL && !guard->lock (guard->data, cancellable, error))
    return FALSE;
  gboolean ok = varve_pin_set (self->options->repo_path, &self->image->descriptor->digest, self->image->manifest_bytes,
                               cancellable, error);
  if (guard->unlock != NULL)
    guard->unlock (guard->data);
  return ok;
}

static gboolean
prefetch_link_layers (const Prefetch *self, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < self->n_ostree_layers; i++)
    if (self->lookups[i].is_linked
        && !varve_layer_cache_link (self->options->repo_path, &varve_manifest_layer (self->image->manifest, i)->digest,
                                    &self->lookups[i].commit, cancellable, error))
      return FALSE;
  return TRUE;
}

static gboolean
prefetch_skip_content (gpointer data, const VarveLayerContent *content, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

typedef struct {
  GHashTable *files;
  VarveObjectSink repo;
} CommitSink;

static gboolean
prefetch_write_content (gpointer data, const VarveLayerContent *content, GCancellable *cancellable, GError **error)
{
  CommitSink *sink = data;
  return !g_hash_table_contains (sink->files, &content->checksum)
         || sink->repo.content (sink->repo.data, content, cancellable, error);
}

/* Those of the layer's objects that are in the commit. */
static GArray *
prefetch_objects_of (const Prefetch *self, const VarveLayerRecord *record)
{
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (VarveDigest));
  for (guint i = 0; i < record->objects->len; i++)
    {
      const VarveDigest *checksum = &g_array_index (record->objects, VarveLayerObject, i).checksum;
      if (g_hash_table_contains (self->files, checksum))
        g_array_append_vals (objects, checksum, 1);
    }
  return objects;
}

/* Writes the content objects of the commit that the layer has; reads the layer only, while the commit is unknown. */
static VarveLayerRecord *
prefetch_import (Prefetch *self, VarveReadLayer *layer, GCancellable *cancellable, GError **error)
{
  VarveObjectSink reading = { .content = prefetch_skip_content };
  if (self->files == NULL)
    return varve_import_layer (layer, &reading, cancellable, error);
  g_autoptr (VarveImporter) importer = varve_importer_begin (self->options->repo_path, cancellable, error);
  if (importer == NULL)
    return NULL;
  CommitSink of_commit = { .files = self->files, .repo = varve_import_sink (importer) };
  VarveObjectSink sink = { .content = prefetch_write_content, .data = &of_commit };
  g_autoptr (VarveLayerRecord) record = varve_import_layer (layer, &sink, cancellable, error);
  if (record == NULL)
    return NULL;
  g_autoptr (GArray) objects = prefetch_objects_of (self, record);
  if ((layer->role == VARVE_LAYER_CONTENT
       && !varve_layer_cache_write_tree (importer, (const VarveDigest *)objects->data, objects->len, cancellable,
                                         error))
      || !varve_importer_commit (importer, NULL, NULL, cancellable, error))
    return NULL;
  return g_steal_pointer (&record);
}

static VarveReadLayer
prefetch_read_layer (const Prefetch *self, guint index)
{
  return (VarveReadLayer){ .image = self->image,
                           .index = index,
                           .role = index == 0 ? VARVE_LAYER_COMMIT : VARVE_LAYER_CONTENT };
}

/* Rebuilds the layer from the tar source; NULL, with a warning if it failed, when it must be fetched. */
static VarveLayerRecord *
prefetch_rebuild (Prefetch *self, guint index, GCancellable *cancellable)
{
  const VarveTarSource *tars = self->options->tars;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GInputStream) tar = tars != NULL ? tars->open_tar (tars->data, index, cancellable, &failure) : NULL;
  VarveReadLayer layer = prefetch_read_layer (self, index);
  layer.tar = tar;
  VarveLayerRecord *record = tar != NULL ? prefetch_import (self, &layer, cancellable, &failure) : NULL;
  if (failure != NULL && !g_cancellable_is_cancelled (cancellable))
    {
      g_autofree char *place = varve_layer_place (self->image, index);
      varve_observer_warn (self->observer, "%s: fetching it, because it cannot be rebuilt: %s", place,
                           failure->message);
    }
  return record;
}

static VarveLayerRecord *
prefetch_fetch (Prefetch *self, guint index, GCancellable *cancellable, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (self->image->manifest, index);
  g_autoptr (GInputStream) blob = varve_blob_aside (&self->aside, self->image->blobs, descriptor, cancellable, error);
  VarveReadLayer layer = prefetch_read_layer (self, index);
  layer.blob = blob;
  if (blob != NULL)
    return prefetch_import (self, &layer, cancellable, error);
  g_autofree char *place = varve_layer_place (self->image, index);
  g_prefix_error (error, "%s: ", place);
  return NULL;
}

static VarveLayerRecord *
prefetch_get_layer (Prefetch *self, guint index, GCancellable *cancellable, GError **error)
{
  VarveLayerRecord *record = prefetch_rebuild (self, index, cancellable);
  if (record == NULL)
    return prefetch_fetch (self, index, cancellable, error);
  result_layer (self, index)->state = VARVE_PREFETCH_REBUILT;
  varve_observer_advance (self->observer, varve_manifest_layer (self->image->manifest, index)->size_bytes);
  return record;
}

/* The importer takes a layer that it finds for whole. An entry without the objects outside the commit would be missing
 * them when a later commit has them, so there is none. */
static void
prefetch_leave (const Prefetch *self, guint index, guint n_objects)
{
  g_autofree char *place = varve_layer_place (self->image, index);
  result_layer (self, index)->state = VARVE_PREFETCH_SKIPPED;
  varve_observer_warn (self->observer, "%s: left for the upgrade, because %u of its objects are not part of the commit",
                       place, n_objects);
}

static gboolean
prefetch_get_content (gsize position, gpointer data, GCancellable *cancellable, GError **error)
{
  Prefetch *self = data;
  guint index = g_array_index (self->wanted, guint, position);
  g_autoptr (VarveLayerRecord) record = prefetch_get_layer (self, index, cancellable, error);
  if (record == NULL)
    return FALSE;
  g_autoptr (GArray) objects = prefetch_objects_of (self, record);
  if (objects->len < record->objects->len)
    {
      prefetch_leave (self, index, record->objects->len - objects->len);
      return TRUE;
    }
  if (varve_layer_cache_add_content (self->options->repo_path,
                                     &varve_manifest_layer (self->image->manifest, index)->digest,
                                     (const VarveDigest *)objects->data, objects->len, cancellable, error))
    return TRUE;
  g_prefix_error (error, "%s: ", record->place);
  return FALSE;
}

/* Checks the commit that was just read, or the one that the repository has. */
static gboolean
prefetch_check_signature (const Prefetch *self, GError **error)
{
  if (self->options->remote == NULL)
    return TRUE;
  if (self->base != NULL)
    return varve_signature_check (self->repo, self->options->remote, self->base->commit_raw, self->base->commitmeta_raw,
                                  error);
  VarveSource *source = varve_repo_source (self->repo);
  const VarveDigest *commit = &self->lookups[0].commit;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, commit, error);
  g_autoptr (GBytes) detached
      = raw != NULL ? source->load_metadata (source, VARVE_METADATA_COMMITMETA, commit, &failure) : NULL;
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else if (raw != NULL)
    return varve_signature_check (self->repo, self->options->remote, raw, detached, error);
  return FALSE;
}

static GHashTable *
prefetch_set_new (void)
{
  return g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
}

static void
prefetch_set_add (GHashTable *set, const VarveDigest *checksum)
{
  if (!g_hash_table_contains (set, checksum))
    g_hash_table_add (set, g_memdup2 (checksum, sizeof *checksum));
}

typedef struct {
  GHashTable *files, *dirtrees, *dirmetas; /* sets of VarveDigest */
} Reached;

static void
reached_directory (gpointer data, const char *path, const VarveDigest *checksum, const VarveDirmeta *dirmeta)
{
  prefetch_set_add (((Reached *)data)->dirmetas, checksum);
}

static void
reached_dirtree (gpointer data, const char *path, const VarveDigest *checksum)
{
  prefetch_set_add (((Reached *)data)->dirtrees, checksum);
}

static void
reached_file (gpointer data, const char *path, const VarveDigest *checksum)
{
  prefetch_set_add (((Reached *)data)->files, checksum);
}

static gboolean
is_not_reached (gpointer checksum, gpointer raw, gpointer set)
{
  return !g_hash_table_contains (set, checksum);
}

/* The files of the commit that was just read; removes all other metadata from the record. */
static gboolean
prefetch_find_files_in_layer (Prefetch *self, GError **error)
{
  g_autoptr (GHashTable) files = prefetch_set_new (), dirtrees = prefetch_set_new (), dirmetas = prefetch_set_new ();
  Reached reached = { .files = files, .dirtrees = dirtrees, .dirmetas = dirmetas };
  VarveTreeVisitor visitor
      = { .directory = reached_directory, .dirtree = reached_dirtree, .file = reached_file, .data = &reached };
  if (!varve_commit_tree_visit (self->base, &visitor, error))
    return FALSE;
  g_hash_table_foreach_remove (self->base->dirtrees, is_not_reached, dirtrees);
  g_hash_table_foreach_remove (self->base->dirmetas, is_not_reached, dirmetas);
  self->files = g_steal_pointer (&files);
  return TRUE;
}

/* The files of the commit that the repository has. */
static gboolean
prefetch_find_files_in_repo (Prefetch *self, GCancellable *cancellable, GError **error)
{
  VarveSource *source = varve_repo_source (self->repo);
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, &self->lookups[0].commit, error);
  g_autoptr (VarveCommit) commit = raw != NULL ? varve_commit_parse (raw, error) : NULL;
  if (commit == NULL)
    return FALSE;
  g_autoptr (GHashTable) dirtrees
      = varve_dirtrees_load (source, &commit->root_dirtree, self->options->jobs, cancellable);
  GHashTableIter iter;
  gpointer value;
  self->files = prefetch_set_new ();
  for (g_hash_table_iter_init (&iter, dirtrees); g_hash_table_iter_next (&iter, NULL, &value);)
    for (guint i = 0; i < ((VarveDirtree *)value)->n_files; i++)
      prefetch_set_add (self->files, &((VarveDirtree *)value)->files[i].checksum);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* In an image of one layer, the commit layer has the content too; it is read again and written. */
static gboolean
prefetch_write_content_of_base (Prefetch *self, GCancellable *cancellable, GError **error)
{
  if (self->base == NULL || self->base->objects->len == 0)
    return TRUE;
  self->aside.observer = NULL; /* counted already */
  g_autoptr (VarveLayerRecord) again = prefetch_fetch (self, 0, cancellable, error);
  self->aside.observer = self->observer;
  return again != NULL;
}

static gboolean
prefetch_find_files (Prefetch *self, GCancellable *cancellable, GError **error)
{
  return self->base != NULL ? prefetch_find_files_in_layer (self, error)
                            : prefetch_find_files_in_repo (self, cancellable, error);
}

static gboolean
prefetch_add_base (const Prefetch *self, GCancellable *cancellable, GError **error)
{
  if (self->base == NULL)
    return TRUE;
  VarveBaseCommit base = {
    .commit = { self->base->commit, self->base->commit_raw, self->base->commitmeta_raw },
    .dirtrees = self->base->dirtrees,
    .dirmetas = self->base->dirmetas,
  };
  if (varve_layer_cache_add_base (self->options->repo_path, &varve_manifest_layer (self->image->manifest, 0)->digest,
                                  &base, cancellable, error))
    return TRUE;
  g_prefix_error (error, "%s: ", self->base->place);
  return FALSE;
}

static guint64
prefetch_missing_bytes (const Prefetch *self)
{
  guint64 bytes = 0;
  for (guint i = 0; i < self->n_ostree_layers; i++)
    if (!self->lookups[i].has && result_layer (self, i)->state != VARVE_PREFETCH_SKIPPED)
      bytes += varve_manifest_layer (self->image->manifest, i)->size_bytes;
  return bytes;
}

static gboolean
prefetch_get_all (Prefetch *self, GCancellable *cancellable, GError **error)
{
  guint64 bytes = prefetch_missing_bytes (self);
  if (bytes > 0)
    varve_observer_begin (self->observer, "prefetching layers", bytes);
  if (!self->lookups[0].has && (self->base = prefetch_get_layer (self, 0, cancellable, error)) == NULL)
    return FALSE;
  return prefetch_check_signature (self, error) && prefetch_find_files (self, cancellable, error)
         && prefetch_write_content_of_base (self, cancellable, error)
         && varve_parallel_for (self->options->jobs, self->wanted->len, prefetch_get_content, self, cancellable, error)
         && prefetch_link_layers (self, cancellable, error) && prefetch_add_base (self, cancellable, error);
}

static VarvePrefetch *
prefetch_new_result (const VarveImage *image)
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
prefetch_run (Prefetch *self, GCancellable *cancellable, GError **error)
{
  return prefetch_look_up (self, cancellable, error) && prefetch_set_pin (self, cancellable, error)
         && prefetch_get_all (self, cancellable, error);
}

VarvePrefetch *
varve_prefetch_image (const VarveImage *image, const VarvePrefetchOptions *options, VarveObserver *observer,
                      GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (options->jobs > 0, NULL);
  Prefetch self = { .image = image, .options = options, .observer = observer };
  if (!prefetch_check_image (image, &self.n_ostree_layers, error))
    return NULL;
  g_autoptr (VarveRepo) repo = varve_repo_open (options->repo_path, cancellable, error);
  if (repo == NULL)
    return NULL;
  varve_staging_remove_leftovers (options->repo_path); /* also where there is nothing to fetch */
  g_autofree char *folder = g_build_filename (options->repo_path, "tmp", NULL);
  g_autoptr (VarvePrefetch) result = prefetch_new_result (image);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (guint));
  self.repo = repo;
  self.aside = (VarveBlobAside){ .folder = folder, .limit = options->limit, .observer = observer };
  self.lookups = g_new0 (VarveLookup, self.n_ostree_layers);
  self.result = result;
  self.wanted = wanted;
  gboolean ok = prefetch_run (&self, cancellable, error);
  for (guint i = 0; i < self.n_ostree_layers; i++)
    varve_lookup_clear (&self.lookups[i]);
  g_free (self.lookups);
  g_clear_pointer (&self.base, varve_layer_record_free);
  g_clear_pointer (&self.files, g_hash_table_unref);
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
