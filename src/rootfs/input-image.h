/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/object-store.h"
#include "model/skipped-entries.h"
#include "oci/image.h"

/* The contents of an image. Nothing is unpacked: file contents go to a spool, everything else is kept in memory. */
typedef struct {
  VarveTreeContents *contents;
  VarveTree *tree;         /* of an image without a commit, or with layers on top of one; else NULL */
  VarveObjectStore *store; /* of an image of a commit: its objects; else NULL */
  VarveDigest commit;      /* in the store */
} VarveInputImage;

typedef struct {
  const VarveImage *image;
  const char *const
      *prune; /* paths to leave out, see rootfs/prune.h; or NULL. An image of a commit then gives a tree */
  guint jobs;
  VarveSkipped *skipped;
  VarveObserver *observer;
} VarveReadInputImage;

/* The caller frees the store, the tree, then the contents. */
gboolean varve_input_image_read (const VarveReadInputImage *read, VarveInputImage *out_input, GCancellable *cancellable,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The image's `created` in seconds since 1970; -1 where it has none. */
gint64 varve_input_image_time (const VarveImage *image);
