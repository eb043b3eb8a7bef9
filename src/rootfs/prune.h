/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/skipped-entries.h"
#include "model/tree.h"

/* The paths of --prune, which an image does not get. The rules are those of chunkah's option of the same name: a path
 * is absolute and compared name by name, without following symlinks; "/a/b" is this entry and all below it, "/a/b/"
 * only what is below it. */

/* USAGE for a path that is relative, "/", or has empty names, "." or "..". */
gboolean varve_prune_check (const char *const *paths, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the entry is left out. @path has no leading slash; @paths ends with NULL and may be NULL. */
gboolean varve_prune_matches (const char *const *paths, const char *path);
/* Whether there is a path other than "/sysroot/", which no image gets anyway. */
gboolean varve_prune_is_wanted (const char *const *paths);
/* Removes the entries from the tree, and counts them. */
void varve_prune_tree (VarveTree *tree, const char *const *paths, VarveSkipped *skipped);
/* Those of @paths, which own them, that left out nothing: nothing in @skipped is there, below, or a folder above, which
 * was left out as a whole. What is below /sysroot counts as left out. Empty where @skipped does not list all paths. */
GPtrArray *varve_prune_find_unused (const char *const *paths, const VarveSkipped *skipped);
