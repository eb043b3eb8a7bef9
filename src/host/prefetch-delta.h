#pragma once

#include "delta/apply.h"
#include "host/prefetch.h"

/* A delta as what a prefetch takes its layers from: rebuilt from it and the files of the host, as far as they are not
 * there. */
typedef struct _VarvePrefetchDelta VarvePrefetchDelta;

/* Whether what the reference leads to, in @blobs, is a delta. */
gboolean varve_prefetch_is_delta (VarveBlobs *blobs, const char *ref);

typedef struct {
  const char *repo_path;
  VarveRateLimit *limit;  /* of what is fetched of the delta; may be NULL */
  double max_cpu_seconds; /* both as VarveApplyOptions has them */
  VarveBudget *memory;
} VarvePrefetchDeltaOptions;

/* Takes @delta, also on failure; limit and budget must outlive it. A repository that the delta cannot be applied to is
 * a warning: then only the layers that the delta carries whole come from it. */
VarvePrefetchDelta *varve_prefetch_delta_new (VarveDelta *delta, const VarvePrefetchDeltaOptions *options,
                                              VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_prefetch_delta_free (VarvePrefetchDelta *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePrefetchDelta, varve_prefetch_delta_free)

/* The digest of the manifest that it leads to. */
const VarveDigest *varve_prefetch_delta_target (const VarvePrefetchDelta *self);
/* The image that it leads to; of its layers those can be read that the delta carries whole. @self must outlive it. */
VarveImage *varve_prefetch_delta_image (VarvePrefetchDelta *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What it can rebuild; belongs to @self. */
const VarveTarSource *varve_prefetch_delta_tars (const VarvePrefetchDelta *self);
