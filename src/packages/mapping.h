/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packages/claims.h"
#include "packages/package-tree.h"

#define VARVE_MAPPING_MAX_BYTES (4u << 20)
#define VARVE_MAPPING_MAX_LINES 10000u

/* One line of a mapping, "component TAB glob": every path that the glob matches belongs to the component, which gets
 * a layer of its own. Globs as in packages/path-glob.h, with or without a leading slash; the directories at their
 * start may be symlinks in the tree, and /etc means /usr/etc. Later lines win. Empty lines and lines that start
 * with '#' are skipped. */
typedef struct {
  char *component, *glob;
  guint line;
} VarveMappingRule;

/* An array of VarveMappingRule; CORRUPT, with the line number, or LIMIT. */
GPtrArray *varve_mapping_parse (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the user's file at @path, which is not in the tree, and assigns files to components by its rules. Errors name
 * file and line; a glob that matches nothing is a warning. */
gboolean varve_mapping_claim (VarvePackageTree *tree, const char *path, VarveClaims *claims, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
