/* SPDX-License-Identifier: Apache-2.0 */
#include "transport/nearest-blobs.h"

#include "base/error.h"

typedef struct {
  VarveBlobs blobs;
  VarveBlobs *near, *far;
} NearestBlobs;

static GInputStream *
nearest_blobs_open (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable, GError **error)
{
  const NearestBlobs *nearest = (const NearestBlobs *)blobs;
  g_autoptr (GError) failure = NULL;
  GInputStream *stream = varve_blobs_open (nearest->near, descriptor, cancellable, &failure);
  if (stream != NULL)
    return stream;
  if (g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    return varve_blobs_open (nearest->far, descriptor, cancellable, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static GBytes *
nearest_blobs_load_index (VarveBlobs *blobs, GError **error)
{
  return varve_blobs_load_index (((NearestBlobs *)blobs)->far, error);
}

static void
nearest_blobs_free (VarveBlobs *blobs)
{
  varve_blobs_free (((NearestBlobs *)blobs)->far);
  g_free (blobs);
}

VarveBlobs *
varve_nearest_blobs_new (VarveBlobs *near, VarveBlobs *far)
{
  NearestBlobs *nearest = g_new0 (NearestBlobs, 1);
  *nearest = (NearestBlobs){
    .blobs = { .open_blob = nearest_blobs_open, .load_index = nearest_blobs_load_index, .free = nearest_blobs_free },
    .near = near,
    .far = far,
  };
  return &nearest->blobs;
}
