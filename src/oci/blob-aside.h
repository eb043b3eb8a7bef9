#pragma once

#include "base/observer.h"
#include "base/rate-limit.h"
#include "oci/blobs.h"

/* How a blob is put aside before it is used: what reads it then sees only what is checked, and does not wait for the
 * line. */
typedef struct {
  const char *folder;      /* in which it is put aside, without a name; NULL: in varve_temporary_parent() */
  VarveRateLimit *limit;   /* may be NULL */
  VarveObserver *observer; /* told of each byte that is read; may be NULL */
} VarveBlobAside;

/* The blob, size and digest checked. Its file goes away with the stream. */
GInputStream *varve_blob_aside (const VarveBlobAside *aside, VarveBlobs *blobs, const VarveDescriptor *descriptor,
                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
