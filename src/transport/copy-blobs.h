#pragma once

#include "base/observer.h"
#include "oci/layout.h"

/* Blobs from anywhere into a layout: digests and sizes checked, what is there already is not read. */

typedef enum {
  VARVE_COPY_WHOLE, /* a blob that the source does not have is an error */
  VARVE_COPY_THIN,  /* it is passed over, but for manifests and indexes */
} VarveCopyKind;

typedef struct {
  guint64 copied_bytes, kept_bytes;
  guint n_copied, n_kept, n_absent; /* the last: of a thin source */
} VarveCopyCount;

typedef struct {
  VarveBlobs *source;
  VarveLayout *target;
  VarveCopyKind kind;
  guint jobs;
  VarveObserver *observer; /* may be NULL */
  VarveCopyCount count;    /* added to */
} VarveCopyBlobs;

/* Copies each blob of @digests: VarveDigest to guint64 *, as varve_reachable_blobs() gives them. */
gboolean varve_copy_blobs (VarveCopyBlobs *copy, GHashTable *digests, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
