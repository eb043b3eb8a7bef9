/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"
#include "model/plan.h"

/* Fills plan->watched: the directories of large packages and unowned trees, of at least 1 MiB each, whose changes are
 * recorded because they may be quieter than the rest. At most VARVE_WATCHED_DIRS_MAX of an atom, the highest first. */
void varve_watched_dirs_find (VarvePlan *plan, const VarveInventory *inventory);

#define VARVE_WATCHED_DIRS_MAX 12
