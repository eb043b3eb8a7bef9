/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/skipped-entries.h"
#include "model/tree.h"

/* A folder with a root file system. Nothing is copied or changed: contents are read in place. */

#define VARVE_OWNER_AS_FOUND (-1)

typedef struct {
  const char *path;
  gint64 owner_uid, owner_gid; /* of all files, or VARVE_OWNER_AS_FOUND */
  const char *const *prune;    /* paths to leave out, see rootfs/prune.h; or NULL */
} VarveRootfsOptions;

typedef struct {
  VarveTree *tree;
  VarveTreeContents *contents; /* free it after the tree and all its readers */
} VarveRootfs;

/* Reads names, owners, modes and attributes, but no contents. Never follows symlinks. A mount inside becomes an empty
 * folder, and the children of run, tmp, dev, proc and sys are skipped; @skipped counts both. What is pruned is not
 * read. */
gboolean varve_rootfs_read (const VarveRootfsOptions *options, VarveSkipped *skipped, VarveObserver *observer,
                            VarveRootfs *out_rootfs, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
