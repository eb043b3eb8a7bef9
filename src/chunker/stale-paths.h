/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"
#include "model/layer-entries.h"

/* The stale paths of kept layers: whether later layers can hide them from a container, and which whiteouts that takes.
 */
typedef struct {
  const VarveInventory *inventory; /* the tree; not owned */
  const char *shown;               /* a directory that containers have even if the tree lacks it; NULL: none */

  /* private */
  GHashTable *files, *folders; /* what the tree lacks: paths, and the folders above them; owned strings */
} VarveStalePaths;

/* @shown lives as long as @self. */
void varve_stale_paths_init (VarveStalePaths *self, const VarveInventory *inventory, const char *shown);
void varve_stale_paths_clear (VarveStalePaths *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveStalePaths, varve_stale_paths_clear)

/* Adds those of a layer. FALSE, and nothing is added, where one cannot be hidden: it is a directory of the tree, below
 * a file of the tree or of a layer that was added, or a folder above such a file; or a name in it is that of a
 * whiteout. */
gboolean varve_stale_paths_add (VarveStalePaths *self, const VarveLayerEntries *entries);
/* What whiteouts must remove: of each path that the tree lacks, the topmost directory that it lacks, or the path
 * itself; sorted. The caller frees the array. */
GPtrArray *varve_stale_paths_absent (const VarveStalePaths *self);
