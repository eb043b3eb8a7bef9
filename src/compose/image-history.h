/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "model/commit-history.h"
#include "model/inventory.h"

typedef struct {
  const GPtrArray *images; /* VarvePastImage, newest first */
  const VarveInventory *inventory;
  gint64 time;              /* of the build, newer than all images */
  const char *const *prune; /* paths that the build leaves out; or NULL */
  guint jobs;
  VarveObserver *observer;
} VarveImageHistory;

/* What changed between the images and the tree of @inventory: files by owner, mode, attributes and content, not by
 * time. Each tar that several images have is read once, by its diff ID, whatever they are compressed with. Errors name
 * the image; an entry that cannot be applied is a warning. */
VarveCommitHistory *varve_image_history_read (const VarveImageHistory *self, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
