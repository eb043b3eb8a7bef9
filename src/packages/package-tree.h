/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "model/source.h"

/* The tree of the commit for readers of package databases: finds paths as databases write them, and reads files. */
typedef struct {
  const VarveInventory *inventory;
  VarveSource *source;
  VarveObserver *observer;
  GCancellable *cancellable;

  /* private */
  GHashTable *folders; /* folder as listed -> canonical, or a mark for one outside */
  GString *canonical;
  guint n_warnings;
} VarvePackageTree;

/* All arguments must outlive it; the last two may be NULL. Only varve_package_tree_read() is thread-safe. */
VarvePackageTree *varve_package_tree_new (const VarveInventory *inventory, VarveSource *source, VarveObserver *observer,
                                          GCancellable *cancellable);
void varve_package_tree_free (VarvePackageTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarvePackageTree, varve_package_tree_free)

/* Follow every symlink, the last one too. VARVE_NO_INDEX when the result is no regular file, or no directory. */
guint32 varve_package_tree_find_file (VarvePackageTree *tree, const char *path);
guint32 varve_package_tree_find_directory (VarvePackageTree *tree, const char *path);
/* The same for a name in a directory of the inventory. */
guint32 varve_package_tree_find_file_in (VarvePackageTree *tree, guint32 directory, const char *name);
guint32 varve_package_tree_find_directory_in (VarvePackageTree *tree, guint32 directory, const char *name);

/* Where a path of a package's list is in this tree, its last component not followed: "/bin/sh" gives "usr/bin/sh"
 * on a merged-/usr system, "/etc/x" gives "usr/etc/x". It need not exist. NULL when it is outside of the tree or over
 * 4096 bytes. Belongs to @tree until the next call. */
const char *varve_package_tree_canonical (VarvePackageTree *tree, const char *path);
/* The file or symlink at that place; VARVE_NO_INDEX for directories and what is not there. */
guint32 varve_package_tree_find_listed (VarvePackageTree *tree, const char *path);

/* The content of a regular file of the inventory. Errors name its path; LIMIT when it is over @max_bytes. */
GBytes *varve_package_tree_read (const VarvePackageTree *tree, guint32 file, gsize max_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Reports a warning to the observer; after a hundred, only says once that there are more. */
void varve_package_tree_warn (VarvePackageTree *tree, const char *format, ...) G_GNUC_PRINTF (2, 3);
