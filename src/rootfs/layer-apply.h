/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/extent-file.h"
#include "model/tree.h"
#include "oci/image.h"
#include "rootfs/skipped-entries.h"

/* Applies layers to a tree in memory, as image-spec's layer.md describes: whiteouts and opaque folders remove entries
 * of lower layers, wherever they are in the tar. Contents go to a spool. */
typedef struct {
  const VarveImage *image;
  VarveTree *tree;
  VarveExtentFile *spool; /* of the tree's contents */
  VarveSkipped *skipped;
  VarveObserver *observer;
} VarveLayerApply;

/* Applies layer @index. Refuses everything that leads out of the tree: "..", paths through symlinks, hard links to
 * missing files; also duplicate entries. Skips devices and fifos. Checks size, digest and diff ID. */
gboolean varve_layer_apply (const VarveLayerApply *self, guint index, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
