/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/prefetch-types.h"

/* One of both is NULL. */
typedef struct {
  GInputStream *blob; /* with a checked digest */
  GInputStream *tar;  /* rebuilt from a delta */
} VarvePrefetchStreams;

typedef gboolean (*VarvePrefetchTakeFunc) (gpointer data, guint index, const VarvePrefetchStreams *streams,
                                           GCancellable *cancellable, GError **error);

typedef struct {
  const VarveImage *image;
  const VarveTarSource *tars; /* may be NULL */
  VarveObserver *observer;
  VarvePrefetch *result; /* where the state of the layer changes */
} VarvePrefetchRebuild;

/* Hands the tar of the layer to @take. FALSE, with a warning if it failed, when the layer must be fetched. */
gboolean varve_prefetch_rebuild (const VarvePrefetchRebuild *self, guint index, VarvePrefetchTakeFunc take,
                                 gpointer data, GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;
