#pragma once

#include <gio/gio.h>

#include "model/object-store.h"
#include "oci/image.h"
#include "rootfs/skipped-entries.h"

/* What an image holds, laid open. Nothing is unpacked: contents go into a spool, all else is kept in memory. */
typedef struct {
  VarveTreeContents *contents;
  VarveTree *tree;         /* of an image that is no commit's, or has layers on top of it; else NULL */
  VarveObjectStore *store; /* of an image of a commit: its objects; else NULL */
  VarveDigest commit;      /* in the store */
} VarveInputImage;

/* The caller frees what is in it: store, tree, then contents. */
gboolean varve_input_image_read (const VarveImage *image, guint jobs, VarveSkipped *skipped, VarveObserver *observer,
                                 VarveInputImage *out_input, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* When it says that it was created: seconds since 1970, -1 where it does not. */
gint64 varve_input_image_time (const VarveImage *image);
