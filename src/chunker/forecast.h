/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "model/plan.h"

/* Combines the probability of each atom, which is a prior from dates (chunker/churn.h), with the changes in @ledger,
 * the ledger of the build of this plan; and sets the sizes of atoms that were compressed before.
 *
 * Rebases are excluded: everything changes in them, so each would make quiet atoms look busy. The probabilities are
 * those of a change at a step that is no rebase. */
void varve_forecast (VarvePlan *plan, const VarveLedger *ledger);
