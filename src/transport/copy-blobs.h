/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "oci/layout.h"

/* Copies blobs into a layout. Digests and sizes are checked; blobs that the layout has already are not read. */

typedef enum {
  VARVE_COPY_WHOLE, /* a blob that the source does not have is an error */
  VARVE_COPY_THIN,  /* it is skipped and counted as absent */
} VarveCopyKind;

typedef struct {
  guint64 copied_bytes, kept_bytes;
  guint n_copied, n_kept, n_absent; /* absent: only with VARVE_COPY_THIN */
} VarveCopyCount;

typedef struct {
  VarveBlobs *source;
  VarveLayout *target;
  VarveCopyKind kind;
  guint jobs;
  VarveObserver *observer; /* may be NULL */
  VarveCopyCount count;    /* increased */
} VarveCopyBlobs;

/* @digests maps VarveDigest to the size (guint64 *), as varve_reachable_blobs() returns them. */
gboolean varve_copy_blobs (VarveCopyBlobs *copy, GHashTable *digests, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
