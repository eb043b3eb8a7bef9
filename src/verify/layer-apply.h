/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "emit/foreign-tar.h"
#include "model/skipped-entries.h"
#include "model/tree.h"
#include "oci/image.h"

/* Applies layers to a tree in memory, as image-spec's layer.md describes: whiteouts and opaque folders remove entries
 * of lower layers, wherever they are in the tar. */

/* Takes the content of a regular file, and sets where it is (place) or what it is (checksum) in @inode, which has all
 * else. @tar is the one that varve_layer_apply_entry() was given. */
typedef gboolean (*VarveLayerContentFunc) (gpointer data, VarveForeignTar *tar, VarveTreeInode *inode,
                                           GCancellable *cancellable, GError **error);

typedef struct {
  VarveTree *tree;
  VarveLayerContentFunc content;
  gpointer data;
  VarveSkipped *skipped;
} VarveLayerApply;

/* Applies one entry of layer @index. Layers come in order. Refuses what leads out of the tree: "..", paths through
 * symlinks, hard links to missing files; also duplicate entries. Skips devices and fifos. The tree is as before where
 * it fails, except for folders on the way. */
gboolean varve_layer_apply_entry (const VarveLayerApply *self, guint index, const VarveForeignEntry *entry,
                                  VarveForeignTar *tar, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Reads layer @index of @image and applies its entries. Checks size, digest and diff ID. */
gboolean varve_layer_apply (const VarveLayerApply *self, const VarveImage *image, guint index, VarveObserver *observer,
                            GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
