/* SPDX-License-Identifier: Apache-2.0 */
/* A blob nearby is read twice, first to check it: reading is cheaper than fetching a blob from afar that is there. */
#include "host/layered-blobs.h"

#include "base/error.h"

typedef struct {
  VarveBlobs blobs;
  VarveBlobs *near, *far;
  VarveObserver *observer;
} LayeredBlobs;

static GInputStream *
layered_open (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  const LayeredBlobs *self = (LayeredBlobs *)blobs;
  g_autoptr (GError) failure = NULL;
  if (varve_blobs_stream (self->near, descriptor, NULL, NULL, cancellable, &failure))
    return varve_blobs_open (self->near, descriptor, cancellable, error);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (!g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    varve_observer_warn (self->observer, "%s; fetching it", failure->message);
  return varve_blobs_open (self->far, descriptor, cancellable, error);
}

static GBytes *
layered_load_index (VarveBlobs *blobs, GError **error)
{
  return varve_blobs_load_index (((LayeredBlobs *)blobs)->far, error);
}

static void
layered_free (VarveBlobs *blobs)
{
  LayeredBlobs *self = (LayeredBlobs *)blobs;
  varve_blobs_free (self->near);
  varve_blobs_free (self->far);
  g_free (self);
}

VarveBlobs *
varve_layered_blobs_new (VarveBlobs *near, VarveBlobs *far, VarveObserver *observer)
{
  LayeredBlobs *self = g_new0 (LayeredBlobs, 1);
  *self = (LayeredBlobs){
    .blobs = { .open_blob = layered_open, .load_index = layered_load_index, .free = layered_free },
    .near = near,
    .far = far,
    .observer = observer,
  };
  return &self->blobs;
}
