/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/temporary-folder.h"
#include "packages/package-tree.h"

/* An rpm database, copied out of the tree into a private folder. */
typedef struct {
  VarveTemporaryFolder *folder; /* NULL when there is no database */
  const char *backend;          /* librpm's name for the format: "sqlite", "ndb", "bdb_ro" */
  guint32 file;                 /* the file of the inventory that holds the packages */
} VarveRpmCopy;

/* Copies the database in @directory; of several formats the one that rpm prefers of those
 * that are not empty. Errors name the file. */
gboolean varve_rpm_copy (VarvePackageTree *tree, guint32 directory, VarveRpmCopy *out_copy, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Removes the folder and what is in it. */
void varve_rpm_copy_clear (VarveRpmCopy *copy);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveRpmCopy, varve_rpm_copy_clear)
