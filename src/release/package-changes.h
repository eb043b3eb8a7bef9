/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/diff.h"
#include "model/package.h"

/* What happened to the packages between two images, by source package. */

typedef enum {
  VARVE_PACKAGE_UPDATED,
  VARVE_PACKAGE_ADDED,
  VARVE_PACKAGE_REMOVED,
} VarvePackageChangeKind;

typedef struct {
  VarvePackageChangeKind kind;
  char *source;                    /* its name; that of the package where the source is unknown */
  char *old_version, *new_version; /* each NULL where it has none; several are joined by commas */
  GPtrArray *packages;             /* names (char *) of the binary packages that changed, sorted */
  guint64 size_bytes; /* of its changed files in the layers that the update downloads; 0: none, or unknown */
} VarvePackageChange;

/* An array of VarvePackageChange: of each kind the largest first, then by name. */
GPtrArray *varve_package_changes_find (const VarvePackageList *old, const VarvePackageList *new, const VarveDiff *diff);
