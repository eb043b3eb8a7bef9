#pragma once

#include "model/tree.h"
#include "rootfs/skipped-entries.h"

/* From the tree that a machine runs to the one that an image has. */

typedef enum {
  VARVE_TREE_SHAPE_OSTREE = 1 << 0,  /* etc becomes usr/etc, as a commit has it */
  VARVE_TREE_SHAPE_RUNTIME = 1 << 1, /* leave out what is below run, tmp, dev, proc and sys */
} VarveTreeShapeFlags;

/* Also leaves out what is below /sysroot, and /lost+found. UNSUPPORTED where the tree has both /etc and /usr/etc with
 * something in each, and OSTree is asked for. */
gboolean varve_tree_shape (VarveTree *tree, VarveTreeShapeFlags flags, VarveSkipped *skipped, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether it is one of the folders that a running system fills. */
gboolean varve_tree_shape_is_runtime (const char *path);
