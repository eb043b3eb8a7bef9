/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/delta-search.h"
#include "host/image-store.h"
#include "host/prefetch-delta.h"

/* Finds the deltas for a prefetch by itself, and applies all but the last. */

typedef struct {
  const VarveImage *image;
  const VarvePrefetchOptions *job;
  const VarveImageStore *store; /* where the layers go; NULL: into job->repo_path */
  const GArray *manifests;      /* VarveDigest: images that options->folder may have the files of; may be NULL */
  VarvePrefetchDeltaOptions delta;
  guint max_steps; /* 1 where an image in the middle may not be stored */
  VarveObserver *observer;
} VarvePrefetchSearch;

typedef struct {
  VarvePrefetchDelta *last; /* NULL: layers are fetched */
  char **digests;           /* of the deltas, in the order in which they are applied */
  guint64 bytes;            /* that they and the layers that they lack download */
} VarvePrefetchFound;

/* A chain that breaks is a warning: the layers are then fetched. */
gboolean varve_prefetch_find_deltas (const VarvePrefetchSearch *search, const VarveDeltaOffers *offers,
                                     VarvePrefetchFound *out_found, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_prefetch_found_clear (VarvePrefetchFound *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarvePrefetchFound, varve_prefetch_found_clear)
