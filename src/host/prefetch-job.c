/* SPDX-License-Identifier: Apache-2.0 */
/* Rebuilds or fetches one layer. A blob is put aside before it is read, so that no transaction waits for the network.
 */
#include "host/prefetch-job.h"

#include "verify/read-layers.h"

VarvePrefetchLayer *
varve_prefetch_job_layer (const VarvePrefetchJob *job, guint index)
{
  return &g_array_index (job->result->layers, VarvePrefetchLayer, index);
}

/* FALSE, with a warning if it failed, when the layer must be fetched. */
static gboolean
job_rebuild (const VarvePrefetchJob *job, guint index, VarvePrefetchTakeFunc take, gpointer data,
             GCancellable *cancellable)
{
  const VarveTarSource *tars = job->options->tars;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GInputStream) tar = tars != NULL ? tars->open_tar (tars->data, index, cancellable, &failure) : NULL;
  VarvePrefetchStreams streams = { .tar = tar };
  if (tar != NULL && take (data, index, &streams, cancellable, &failure))
    return TRUE;
  if (failure != NULL && !g_cancellable_is_cancelled (cancellable))
    {
      g_autofree char *place = varve_layer_place (job->image, index);
      varve_observer_warn (job->observer, "%s: fetching it, because it cannot be rebuilt: %s", place, failure->message);
    }
  return FALSE;
}

gboolean
varve_prefetch_job_fetch (const VarvePrefetchJob *job, guint index, VarvePrefetchTakeFunc take, gpointer data,
                          GCancellable *cancellable, GError **error)
{
  const VarveDescriptor *descriptor = varve_manifest_layer (job->image->manifest, index);
  g_autoptr (GInputStream) blob = varve_blob_aside (&job->aside, job->image->blobs, descriptor, cancellable, error);
  VarvePrefetchStreams streams = { .blob = blob };
  if (blob != NULL)
    return take (data, index, &streams, cancellable, error);
  g_autofree char *place = varve_layer_place (job->image, index);
  g_prefix_error (error, "%s: ", place);
  return FALSE;
}

gboolean
varve_prefetch_job_get (const VarvePrefetchJob *job, guint index, VarvePrefetchTakeFunc take, gpointer data,
                        GCancellable *cancellable, GError **error)
{
  VarvePrefetchLayer *layer = varve_prefetch_job_layer (job, index);
  if (!job_rebuild (job, index, take, data, cancellable))
    return varve_prefetch_job_fetch (job, index, take, data, cancellable, error);
  if (layer->state == VARVE_PREFETCH_FETCHED)
    layer->state = VARVE_PREFETCH_REBUILT;
  varve_observer_advance (job->observer, layer->size_bytes);
  return TRUE;
}

void
varve_prefetch_job_skip (const VarvePrefetchJob *job, guint index, const char *why)
{
  g_autofree char *place = varve_layer_place (job->image, index);
  varve_prefetch_job_layer (job, index)->state = VARVE_PREFETCH_SKIPPED;
  varve_observer_warn (job->observer, "%s: left for the upgrade, %s", place, why);
}
