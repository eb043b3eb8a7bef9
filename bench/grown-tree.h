/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"

/* A folder with a tree that grows by copies of a commit's files. Contents of the copies differ, so that no two are one
 * object, and each copy has packages of its own, in a dpkg database. Copy 0 is where it was, the others are below
 * usr/lib/scale. Owners and attributes are left out. */
typedef struct _VarveGrownTree VarveGrownTree;

typedef struct {
  const char *repo_path, *ref;
  const char *path;  /* of the folder, which is made */
  guint64 cut_bytes; /* no file is larger; G_MAXUINT64: whole files */
  guint jobs;
} VarveGrownTreeOptions;

/* @options is copied, its strings must outlive the tree. */
VarveGrownTree *varve_grown_tree_new (const VarveGrownTreeOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_grown_tree_free (VarveGrownTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveGrownTree, varve_grown_tree_free)

/* Writes one more copy. Reads the commit each time, so that nothing of it stays in memory. */
gboolean varve_grown_tree_add_copy (VarveGrownTree *tree, VarveObserver *observer, GCancellable *cancellable,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Changes all files of every 16th package: an update. */
gboolean varve_grown_tree_change (VarveGrownTree *tree, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  guint copies;
  guint64 files, bytes, packages;
} VarveGrownTreeSize;

const VarveGrownTreeSize *varve_grown_tree_size (const VarveGrownTree *tree);
