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
  VarvePrefetchRebuild rebuild = {
    .image = job->image,
    .tars = job->options->tars,
    .observer = job->observer,
    .result = job->result,
  };
  return varve_prefetch_rebuild (&rebuild, index, take, data, cancellable)
         || varve_prefetch_job_fetch (job, index, take, data, cancellable, error);
}

void
varve_prefetch_job_skip (const VarvePrefetchJob *job, guint index, const char *why)
{
  g_autofree char *place = varve_layer_place (job->image, index);
  varve_prefetch_job_layer (job, index)->state = VARVE_PREFETCH_SKIPPED;
  varve_observer_warn (job->observer, "%s: left for the upgrade, %s", place, why);
}
