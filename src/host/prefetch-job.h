/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/prefetch-lookup.h"
#include "host/prefetch-rebuild.h"
#include "oci/blob-aside.h"
#include "ostree/repo.h"

/* What the parts of one prefetch into a repository share. */
typedef struct {
  const VarveImage *image;
  const VarvePrefetchOptions *options;
  VarveObserver *observer;
  VarveRepo *repo;
  VarveBlobAside aside;
  guint n_ostree_layers; /* the first is the commit layer; 0 for a plain image */
  VarveLookup *lookups;  /* for each layer of the image */
  VarvePrefetch *result;
} VarvePrefetchJob;

VarvePrefetchLayer *varve_prefetch_job_layer (const VarvePrefetchJob *job, guint index);

/* Hands the layer to @take: from the tar source if it has the layer, and the blob if it has not or @take fails. */
gboolean varve_prefetch_job_get (const VarvePrefetchJob *job, guint index, VarvePrefetchTakeFunc take, gpointer data,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The blob only. */
gboolean varve_prefetch_job_fetch (const VarvePrefetchJob *job, guint index, VarvePrefetchTakeFunc take, gpointer data,
                                   GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Leaves the layer for the upgrade, with a warning that says @why. */
void varve_prefetch_job_skip (const VarvePrefetchJob *job, guint index, const char *why);
