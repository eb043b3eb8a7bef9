/* SPDX-License-Identifier: Apache-2.0 */
/* The commit layer is read first, and nothing is written or fetched when its signature is wrong. Only objects of the
 * commit are written, except those that a layer declares to be stale where no signature is required. The ref of the
 * commit layer is written last. */
#include "host/prefetch-commit.h"

#include "base/error.h"
#include "base/parallel.h"
#include "ostree/commit.h"
#include "ostree/dirtrees.h"
#include "ostree/layer-cache.h"
#include "ostree/signature.h"
#include "verify/commit-tree.h"
#include "verify/import-layer.h"
#include "verify/stale.h"

typedef struct {
  VarvePrefetchJob *job;
  VarveLayerRecord *base; /* the commit layer; NULL when the repository has it */
  GHashTable *files;      /* set of VarveDigest: content objects of the commit; NULL before its signature is checked */
} Prefetch;

static gboolean
prefetch_skip_content (gpointer data, const VarveLayerContent *content, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

typedef struct {
  GHashTable *files; /* which are written; NULL: all */
  VarveObjectSink repo;
} CommitSink;

static gboolean
prefetch_write_content (gpointer data, const VarveLayerContent *content, GCancellable *cancellable, GError **error)
{
  CommitSink *sink = data;
  return (sink->files != NULL && !g_hash_table_contains (sink->files, &content->checksum))
         || sink->repo.content (sink->repo.data, content, cancellable, error);
}

static const VarveDescriptor *
prefetch_descriptor (const Prefetch *self, guint index)
{
  return varve_manifest_layer (self->job->image->manifest, index);
}

/* Whether objects that the layer declares to be stale are written too, as by the importer. The signature of a commit
 * does not cover them. */
static gboolean
prefetch_takes_stale (const Prefetch *self, guint index)
{
  return self->job->options->remote == NULL && varve_stale_is_declared (prefetch_descriptor (self, index));
}

/* Those of the layer's objects that are in the commit, and what the others are. */
static GArray *
prefetch_objects_of (const Prefetch *self, const VarveLayerRecord *record, VarveStale *out_others)
{
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (VarveDigest));
  *out_others = (VarveStale){ 0 };
  for (guint i = 0; i < record->objects->len; i++)
    {
      const VarveLayerObject *object = &g_array_index (record->objects, VarveLayerObject, i);
      if (g_hash_table_contains (self->files, &object->checksum))
        {
          g_array_append_vals (objects, &object->checksum, 1);
          continue;
        }
      out_others->n_objects++;
      out_others->size_bytes += object->size_bytes;
    }
  return objects;
}

/* CORRUPT where the layer has more than it declares. */
static gboolean
prefetch_check_stale (const Prefetch *self, guint index, const VarveStale *found, GError **error)
{
  VarveStale declared;
  if (!varve_stale_declared (prefetch_descriptor (self, index), &declared, error))
    return FALSE;
  if (found->n_objects <= declared.n_objects && found->size_bytes <= declared.size_bytes)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "%" G_GUINT64_FORMAT " objects with %" G_GUINT64_FORMAT
               " bytes are not in the commit, the manifest declares %" G_GUINT64_FORMAT " with %" G_GUINT64_FORMAT,
               found->n_objects, found->size_bytes, declared.n_objects, declared.size_bytes);
  return FALSE;
}

/* What the layer's commit has. */
static GArray *
prefetch_entries_of (const Prefetch *self, guint index, const VarveLayerRecord *record, VarveStale *out_left,
                     GError **error)
{
  VarveStale others;
  g_autoptr (GArray) objects = prefetch_objects_of (self, record, &others);
  *out_left = others;
  if (!prefetch_takes_stale (self, index))
    return g_steal_pointer (&objects);
  if (!prefetch_check_stale (self, index, &others, error))
    return NULL;
  *out_left = (VarveStale){ 0 };
  g_array_set_size (objects, 0);
  for (guint i = 0; i < record->objects->len; i++)
    g_array_append_vals (objects, &g_array_index (record->objects, VarveLayerObject, i).checksum, 1);
  return g_steal_pointer (&objects);
}

/* Writes the content objects of the commit that the layer has; reads the layer only, while the commit is unknown. */
static VarveLayerRecord *
prefetch_import (Prefetch *self, VarveReadLayer *layer, GCancellable *cancellable, GError **error)
{
  VarveObjectSink reading = { .content = prefetch_skip_content };
  if (self->files == NULL)
    return varve_import_layer (layer, &reading, cancellable, error);
  g_autoptr (VarveImporter) importer = varve_importer_begin (self->job->options->repo_path, cancellable, error);
  if (importer == NULL)
    return NULL;
  CommitSink of_commit = {
    .files = prefetch_takes_stale (self, layer->index) ? NULL : self->files,
    .repo = varve_import_sink (importer),
  };
  VarveObjectSink sink = { .content = prefetch_write_content, .data = &of_commit };
  g_autoptr (VarveLayerRecord) record = varve_import_layer (layer, &sink, cancellable, error);
  if (record == NULL)
    return NULL;
  VarveStale left;
  g_autoptr (GArray) objects = prefetch_entries_of (self, layer->index, record, &left, error);
  if (objects == NULL
      || (layer->role == VARVE_LAYER_CONTENT
          && !varve_layer_cache_write_tree (importer, (const VarveDigest *)objects->data, objects->len, cancellable,
                                            error))
      || !varve_importer_commit (importer, NULL, NULL, cancellable, error))
    return NULL;
  return g_steal_pointer (&record);
}

typedef struct {
  Prefetch *self;
  VarveLayerRecord *record;
} Got;

static gboolean
prefetch_take (gpointer data, guint index, const VarvePrefetchStreams *streams, GCancellable *cancellable,
               GError **error)
{
  Got *got = data;
  VarveReadLayer layer = {
    .image = got->self->job->image,
    .index = index,
    .role = index == 0 ? VARVE_LAYER_COMMIT : VARVE_LAYER_CONTENT,
    .blob = streams->blob,
    .tar = streams->tar,
  };
  got->record = prefetch_import (got->self, &layer, cancellable, error);
  return got->record != NULL;
}

static VarveLayerRecord *
prefetch_get_layer (Prefetch *self, guint index, GCancellable *cancellable, GError **error)
{
  Got got = { .self = self };
  return varve_prefetch_job_get (self->job, index, prefetch_take, &got, cancellable, error) ? got.record : NULL;
}

/* The importer takes a layer that it finds for whole. An entry without the objects outside the commit would be missing
 * them when a later commit has them, so there is none. */
static void
prefetch_leave (const Prefetch *self, guint index, guint64 n_objects)
{
  g_autofree char *why
      = g_strdup_printf ("because %" G_GUINT64_FORMAT " of its objects are not part of the commit", n_objects);
  varve_prefetch_job_skip (self->job, index, why);
}

typedef struct {
  Prefetch *self;
  GArray *wanted; /* guint: layers of content to get */
} Contents;

static gboolean
prefetch_get_content (gsize position, gpointer data, GCancellable *cancellable, GError **error)
{
  Contents *contents = data;
  Prefetch *self = contents->self;
  guint index = g_array_index (contents->wanted, guint, position);
  VarveStale left;
  g_autoptr (VarveLayerRecord) record = prefetch_get_layer (self, index, cancellable, error);
  g_autoptr (GArray) objects = record != NULL ? prefetch_entries_of (self, index, record, &left, error) : NULL;
  if (objects == NULL)
    return FALSE;
  if (left.n_objects > 0)
    {
      prefetch_leave (self, index, left.n_objects);
      return TRUE;
    }
  if (varve_layer_cache_add_content (self->job->options->repo_path, &prefetch_descriptor (self, index)->digest,
                                     (const VarveDigest *)objects->data, objects->len, cancellable, error))
    return TRUE;
  g_prefix_error (error, "%s: ", record->place);
  return FALSE;
}

static void
prefetch_find_wanted (const Prefetch *self, GArray *wanted)
{
  for (guint i = 1; i < self->job->n_ostree_layers; i++)
    if (!self->job->lookups[i].has && varve_prefetch_job_layer (self->job, i)->state != VARVE_PREFETCH_SKIPPED)
      g_array_append_val (wanted, i);
}

/* Checks the commit that was just read, or the one that the repository has. */
static gboolean
prefetch_check_signature (const Prefetch *self, GError **error)
{
  if (self->job->options->remote == NULL)
    return TRUE;
  if (self->base != NULL)
    return varve_signature_check (self->job->repo, self->job->options->remote, self->base->commit_raw,
                                  self->base->commitmeta_raw, error);
  VarveSource *source = varve_repo_source (self->job->repo);
  const VarveDigest *commit = &self->job->lookups[0].commit;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, commit, error);
  g_autoptr (GBytes) detached
      = raw != NULL ? source->load_metadata (source, VARVE_METADATA_COMMITMETA, commit, &failure) : NULL;
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else if (raw != NULL)
    return varve_signature_check (self->job->repo, self->job->options->remote, raw, detached, error);
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
  VarveSource *source = varve_repo_source (self->job->repo);
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, &self->job->lookups[0].commit, error);
  g_autoptr (VarveCommit) commit = raw != NULL ? varve_commit_parse (raw, error) : NULL;
  if (commit == NULL)
    return FALSE;
  g_autoptr (GHashTable) dirtrees
      = varve_dirtrees_load (source, &commit->root_dirtree, self->job->options->jobs, cancellable);
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
  Got got = { .self = self };
  self->job->aside.observer = NULL; /* counted already */
  gboolean done = varve_prefetch_job_fetch (self->job, 0, prefetch_take, &got, cancellable, error);
  self->job->aside.observer = self->job->observer;
  g_clear_pointer (&got.record, varve_layer_record_free);
  return done;
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
  if (varve_layer_cache_add_base (self->job->options->repo_path, &prefetch_descriptor (self, 0)->digest, &base,
                                  cancellable, error))
    return TRUE;
  g_prefix_error (error, "%s: ", self->base->place);
  return FALSE;
}

static gboolean
prefetch_run (Prefetch *self, GCancellable *cancellable, GError **error)
{
  const VarvePrefetchJob *job = self->job;
  if (!job->lookups[0].has && (self->base = prefetch_get_layer (self, 0, cancellable, error)) == NULL)
    return FALSE;
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (guint));
  prefetch_find_wanted (self, wanted);
  Contents contents = { self, wanted };
  return prefetch_check_signature (self, error) && prefetch_find_files (self, cancellable, error)
         && prefetch_write_content_of_base (self, cancellable, error)
         && varve_parallel_for (job->options->jobs, wanted->len, prefetch_get_content, &contents, cancellable, error)
         && prefetch_add_base (self, cancellable, error);
}

gboolean
varve_prefetch_commit_layers (VarvePrefetchJob *job, VarveDigest *out_commit, GCancellable *cancellable, GError **error)
{
  Prefetch self = { .job = job };
  gboolean done = prefetch_run (&self, cancellable, error);
  if (done)
    *out_commit = self.base != NULL ? self.base->commit : job->lookups[0].commit;
  g_clear_pointer (&self.base, varve_layer_record_free);
  g_clear_pointer (&self.files, g_hash_table_unref);
  return done;
}
