#pragma once

#include "packages/claims.h"
#include "packages/package-tree.h"

#define VARVE_MAPPING_MAX_BYTES (4u << 20)
#define VARVE_MAPPING_MAX_LINES 10000u

/* One line of a mapping, "component TAB glob": every path that the glob matches belongs to the component, which gets
 * a layer of its own. Globs as in packages/path-glob.h, with or without a leading slash; the directories at their
 * start may be symlinks in the tree, and /etc stands for /usr/etc. Later lines win. Empty lines and those that start
 * with '#' say nothing. */
typedef struct {
  char *component, *glob;
  guint line;
} VarveMappingRule;

/* An array of VarveMappingRule; CORRUPT, with the line, or LIMIT. */
GPtrArray *varve_mapping_parse (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the file at @path, which is the user's and not of the tree, and assigns what it says. Errors name file and
 * line; a glob that matches nothing is a warning. */
gboolean varve_mapping_claim (VarvePackageTree *tree, const char *path, VarveClaims *claims, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
