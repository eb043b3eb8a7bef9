/* SPDX-License-Identifier: Apache-2.0 */
/* Rebuilds layers from a delta and the repository. A layer that cannot be rebuilt is left to the caller. */
#include "host/prefetch-delta.h"

#include "base/error.h"
#include "delta/rebuild.h"

struct _VarvePrefetchDelta {
  VarveDelta *delta;
  VarveOpenBase *base; /* NULL when the delta does not apply to the repository */
  VarveReplayCache *cache;
  char *work_path;
  VarveObserver *observer;
  VarvePrefetchDeltaOptions options;
  VarveTarSource tars;
};

gboolean
varve_prefetch_is_delta (VarveBlobs *blobs, const char *ref)
{
  g_autoptr (VarveDescriptor) descriptor = varve_image_resolve (blobs, ref, NULL, NULL);
  g_autoptr (GBytes) bytes
      = descriptor != NULL ? varve_blobs_load (blobs, descriptor, VARVE_DOCUMENT_MAX_BYTES, NULL) : NULL;
  g_autoptr (VarveManifest) manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, NULL) : NULL;
  return manifest != NULL && g_strcmp0 (manifest->artifact_type, VARVE_DELTA_ARTIFACT_TYPE) == 0;
}

static GInputStream *
delta_open_tar (gpointer data, guint layer, GCancellable *cancellable, GError **error)
{
  VarvePrefetchDelta *self = data;
  if (self->base == NULL)
    return NULL;
  VarveApplyOptions options = VARVE_APPLY_OPTIONS_INIT;
  options.work_path = self->work_path;
  options.limit = self->options.limit;
  options.max_cpu_seconds = self->options.max_cpu_seconds;
  options.memory = self->options.memory;
  options.observer = self->observer;
  VarveRebuildParts parts
      = { .delta = self->delta, .tree = self->base->tree, .cache = self->cache, .options = &options };
  g_autoptr (VarveExtentFile) spool = varve_extent_file_new (self->work_path, error);
  VarveRebuiltLayer rebuilt;
  if (spool == NULL || !varve_rebuild_layer (&parts, layer, spool, &rebuilt, cancellable, error) || rebuilt.kind < 0)
    return NULL;
  return varve_extent_file_open_take (g_steal_pointer (&spool), rebuilt.tar);
}

VarvePrefetchDelta *
varve_prefetch_delta_new (VarveDelta *delta, const VarvePrefetchDeltaOptions *options, VarveObserver *observer,
                          GCancellable *cancellable, GError **error)
{
  g_autoptr (VarvePrefetchDelta) self = g_new0 (VarvePrefetchDelta, 1);
  VarveDeltaBase base = { .repo_path = options->repo_path, .folder = options->folder };
  self->delta = delta;
  self->work_path = options->repo_path != NULL ? g_build_filename (options->repo_path, "tmp", NULL) : NULL;
  self->observer = observer;
  self->options = *options;
  self->tars = (VarveTarSource){ .open_tar = delta_open_tar, .data = self };
  self->cache = varve_replay_cache_new (self->work_path, error);
  if (self->cache == NULL)
    return NULL;
  if (base.repo_path == NULL && base.folder == NULL)
    return g_steal_pointer (&self);
  VarveOpenBaseOptions base_options = { .jobs = 1, .work_path = self->work_path, .observer = observer };
  g_autoptr (GError) failure = NULL;
  self->base = varve_delta_base_open (delta, &base, &base_options, cancellable, &failure);
  if (self->base == NULL)
    varve_observer_warn (observer, "the delta does not apply to the host's files: %s", failure->message);
  return g_steal_pointer (&self);
}

void
varve_prefetch_delta_free (VarvePrefetchDelta *self)
{
  g_clear_pointer (&self->base, varve_delta_base_close);
  g_clear_pointer (&self->cache, varve_replay_cache_free);
  g_clear_pointer (&self->delta, varve_delta_free);
  g_free (self->work_path);
  g_free (self);
}

const VarveDigest *
varve_prefetch_delta_target (const VarvePrefetchDelta *self)
{
  return &self->delta->target_descriptor->digest;
}

const VarveTarSource *
varve_prefetch_delta_tars (const VarvePrefetchDelta *self)
{
  return &self->tars;
}

/* A view of the delta's blobs, which the delta owns. */
typedef struct {
  VarveBlobs base;
  const VarveDelta *delta;
  gboolean is_strict;
} DeltaBlobs;

static gboolean
delta_has_layer (const VarveDelta *delta, const VarveDescriptor *layer)
{
  for (guint i = 0; i < delta->entries->len; i++)
    {
      const VarveDeltaEntry *entry = &g_array_index (delta->entries, VarveDeltaEntry, i);
      if (entry->kind == VARVE_DELTA_ENTRY_LAYER
          && varve_digest_compare (&entry->descriptor->digest, &layer->digest) == 0)
        return TRUE;
    }
  return FALSE;
}

static GInputStream *
delta_blobs_open (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  const DeltaBlobs *self = (DeltaBlobs *)blobs;
  GInputStream *stream = NULL;
  if (self->is_strict && !delta_has_layer (self->delta, descriptor))
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "no such entry");
  else
    stream = varve_blobs_open (self->delta->blobs, descriptor, cancellable, error);
  if (stream == NULL)
    g_prefix_error (
        error, "the delta does not contain the layer and cannot rebuild it; give the image with --image to fetch it: ");
  return stream;
}

static GBytes *
delta_blobs_load_index (VarveBlobs *blobs, GError **error)
{
  return varve_blobs_load_index (((DeltaBlobs *)blobs)->delta->blobs, error);
}

static void
delta_blobs_free (VarveBlobs *blobs)
{
  g_free (blobs);
}

VarveImage *
varve_prefetch_delta_image (VarvePrefetchDelta *self, GError **error)
{
  g_autoptr (VarveImage) image = g_new0 (VarveImage, 1);
  DeltaBlobs *blobs = g_new0 (DeltaBlobs, 1);
  *blobs = (DeltaBlobs){
    .base = { .open_blob = delta_blobs_open, .load_index = delta_blobs_load_index, .free = delta_blobs_free },
    .delta = self->delta,
    .is_strict = self->options.is_strict,
  };
  image->blobs = &blobs->base;
  image->descriptor = varve_descriptor_copy (self->delta->target_descriptor);
  image->manifest_bytes = g_bytes_ref (self->delta->target_bytes);
  image->config_bytes = g_bytes_ref (self->delta->config_bytes);
  image->manifest = varve_manifest_from_bytes (image->manifest_bytes, error);
  image->config = image->manifest != NULL ? varve_config_from_bytes (image->config_bytes, error) : NULL;
  return image->config != NULL ? g_steal_pointer (&image) : NULL;
}
