/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "base/rate-limit.h"
#include "oci/blobs.h"

/* How a blob is spooled before it is used, so that its reader sees only checked content and does not wait for the
 * network. */
typedef struct {
  const char *folder;      /* in which it is put aside, without a name; NULL: in varve_temporary_parent() */
  VarveRateLimit *limit;   /* may be NULL */
  VarveObserver *observer; /* advanced by the bytes read; may be NULL */
} VarveBlobAside;

/* Spools the blob, checks size and digest, and opens the spooled file, which is removed with the stream. */
GInputStream *varve_blob_aside (const VarveBlobAside *aside, VarveBlobs *blobs, const VarveDescriptor *descriptor,
                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
