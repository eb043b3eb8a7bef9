#pragma once

#include "base/extent-file.h"
#include "model/tree.h"
#include "oci/image.h"
#include "rootfs/skipped-entries.h"

/* Layers put on one another in memory, as image-spec's layer.md has it: whiteouts and opaque folders take away what
 * lower layers have, whatever their place in the tar. Contents go to a spool. */
typedef struct {
  const VarveImage *image;
  VarveTree *tree;
  VarveExtentFile *spool; /* of the tree's contents */
  VarveSkipped *skipped;
  VarveObserver *observer;
} VarveLayerApply;

/* Puts layer @index on what is there. Nothing can lead out of the tree: "..", a path through a symlink, and a hard link
 * to what is not there are refused; so is a file that stands twice in one layer. Devices and fifos are left out. All
 * sums are checked. */
gboolean varve_layer_apply (const VarveLayerApply *self, guint index, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
