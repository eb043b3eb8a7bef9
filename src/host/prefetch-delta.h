/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/apply.h"
#include "host/prefetch-types.h"

/* A delta as a source of layers for a prefetch: rebuilt from the delta and the files of the host. */
typedef struct _VarvePrefetchDelta VarvePrefetchDelta;

/* Whether @ref names a delta in @blobs. */
gboolean varve_prefetch_is_delta (VarveBlobs *blobs, const char *ref);

typedef struct {
  const char *repo_path; /* of the host's files; or */
  const char *folder;    /* that has them. Both NULL: the delta only provides what it contains as blobs */
  VarveRateLimit *limit; /* for fetching the delta's blobs; may be NULL */
  gboolean is_strict;    /* the delta's image has only the layers that are entries of the delta, even where the place of
                            the delta has others */
  double max_cpu_seconds; /* this and the next as in VarveApplyOptions */
  VarveBudget *memory;
} VarvePrefetchDeltaOptions;

/* Takes @delta, also on failure; limit and budget must outlive the result. If the delta does not apply to the
 * host's files, the observer is warned, and the delta only provides the layers that it contains as blobs. */
VarvePrefetchDelta *varve_prefetch_delta_new (VarveDelta *delta, const VarvePrefetchDeltaOptions *options,
                                              VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_prefetch_delta_free (VarvePrefetchDelta *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePrefetchDelta, varve_prefetch_delta_free)

/* The digest of the target image's manifest. */
const VarveDigest *varve_prefetch_delta_target (const VarvePrefetchDelta *self);
/* The target image. Only the layers that the delta contains as blobs can be read. @self must outlive the image. */
VarveImage *varve_prefetch_delta_image (VarvePrefetchDelta *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The layers that can be rebuilt; belongs to @self. */
const VarveTarSource *varve_prefetch_delta_tars (const VarvePrefetchDelta *self);
