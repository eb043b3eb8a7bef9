/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packages/claims.h"
#include "packages/package-tree.h"
#include "packages/packages-kind.h"

/* One kind of package database. */
typedef struct {
  VarvePackagesKind kind;
  const char *name;
  /* Directories in which it may be, and names of which such a directory has at least one; both end in NULL. */
  const char *const *places, *const *markers;
  /* Reads the database in @directory of the inventory and claims the files of its packages. UNSUPPORTED when this build
   * cannot read it; NOT_FOUND when no package is in it, which is an error only if no database of the tree has one. */
  gboolean (*read) (VarvePackageTree *tree, guint32 directory, VarveClaims *claims, GError **error);
} VarvePackageDatabase;

extern const VarvePackageDatabase varve_rpm_database, varve_dpkg_database, varve_pacman_database, varve_apk_database;

/* The component of a source package; VARVE_NO_INDEX, after a warning, when its name, found in @file, is no component
 * name. */
guint32 varve_package_component (VarvePackageTree *tree, VarveClaims *claims, guint32 file, const char *source);
