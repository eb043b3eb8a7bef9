/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/component.h"
#include "model/inventory.h"
#include "model/tree.h"

/* Gives the files of @inventory, which is that of @tree, the times that a plain image shows. A file that a package
 * contains keeps its own, but not later than the package was built: edits and copies would make it that of each build.
 * Other files have VARVE_FILE_TIME_NONE. The hard links of the tree must be set.
 *
 * A source is never newer than what was compiled from it, where a program compares the two. */
void varve_file_times_set (const VarveTree *tree, VarveInventory *inventory, const VarveComponents *components);
