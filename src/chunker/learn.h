/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "model/commit-history.h"
#include "model/inventory.h"

/* The ledger as if each commit of @history had been built: when each atom and watched subtree of @plan changed. An atom
 * changes when one of its files is added or changed, or when a file is removed from a directory with files of that atom
 * only. */
VarveLedger *varve_learn (const VarvePlan *plan, const VarveInventory *inventory, const VarveCommitHistory *history);
