#pragma once

#include "chunker/ledger.h"
#include "model/commit-history.h"
#include "model/inventory.h"

/* The ledger as if each commit of @history had been built: which atoms and watched subtrees of @plan changed when. A
 * file of an atom that came or changed counts for it, as does one that went from a directory in which the atom alone
 * has files. */
VarveLedger *varve_learn (const VarvePlan *plan, const VarveInventory *inventory, const VarveCommitHistory *history);
