#pragma once

#include <gio/gio.h>

#include "model/tree.h"
#include "rootfs/skipped-entries.h"

/* A folder that holds a root file system. Nothing of it is copied or changed: contents are read where they are. */

#define VARVE_OWNER_AS_FOUND (-1)

typedef struct {
  const char *path;
  gint64 owner_uid, owner_gid; /* of everything, or VARVE_OWNER_AS_FOUND */
} VarveRootfsOptions;

typedef struct {
  VarveTree *tree;
  VarveTreeContents *contents; /* to be freed after the tree, and after whatever reads through it */
} VarveRootfs;

/* Names, owners, modes and attributes; contents are not read. Symlinks are kept and never followed. What is mounted
 * inside of it is an empty folder, the children of run, tmp, dev, proc and sys are not looked at; @left_out says so. */
gboolean varve_rootfs_read (const VarveRootfsOptions *options, VarveSkipped *skipped, VarveObserver *observer,
                            VarveRootfs *out_rootfs, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
