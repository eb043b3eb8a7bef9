/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/skipped-entries.h"
#include "model/tree.h"

/* Turns the tree of a running system into that of an image. */

typedef enum {
  VARVE_TREE_SHAPE_OSTREE = 1 << 0,  /* move etc to usr/etc, as in a commit */
  VARVE_TREE_SHAPE_RUNTIME = 1 << 1, /* remove what is below run, tmp, dev, proc and sys */
} VarveTreeShapeFlags;

/* Also removes /lost+found and what is below /sysroot. UNSUPPORTED with VARVE_TREE_SHAPE_OSTREE where neither /etc nor
 * /usr/etc is empty. */
gboolean varve_tree_shape (VarveTree *tree, VarveTreeShapeFlags flags, VarveSkipped *skipped, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether it is one of run, tmp, dev, proc and sys. */
gboolean varve_tree_shape_is_runtime (const char *path);
