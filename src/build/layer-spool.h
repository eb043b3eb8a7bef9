#pragma once

#include "base/observer.h"
#include "base/rate-limit.h"
#include "oci/image.h"

/* A layer that comes slowly is first put aside, so that the transaction which takes it in is short and sees only what is checked. The
 * file has no name: what is left of a killed run, the kernel frees. */
typedef struct {
  const char *folder; /* in which it is put aside: of the disk that has the space */
  VarveRateLimit *limit; /* may be NULL */
  VarveObserver *observer; /* told of each byte that is read; may be NULL */
} VarveLayerSpool;

/* The blob of a layer, size and digest checked. */
GInputStream *varve_layer_spool_blob (const VarveLayerSpool *spool, VarveBlobs *blobs, const VarveDescriptor *descriptor,
                                      GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A tar that is made on the way; @diff_id is checked. */
GInputStream *varve_layer_spool_tar (const VarveLayerSpool *spool, GInputStream *tar, const VarveDigest *diff_id,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
