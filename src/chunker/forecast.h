#pragma once

#include "chunker/ledger.h"
#include "model/plan.h"

/* Completes what is believed of the atoms: their probability, which until here comes from their own past alone
 * (chunker/churn.h), by what @ledger remembers of builds; and the size of what was compressed before. @ledger is that
 * of the build of this plan.
 *
 * Rebases are left out of what the plan's atoms remember: since everything changes in them, each would make what is
 * quiet otherwise look busy. So probabilities are those of changing at a step that is no rebase. */
void varve_forecast (VarvePlan *plan, const VarveLedger *ledger);
