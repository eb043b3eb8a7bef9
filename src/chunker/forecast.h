#pragma once

#include "chunker/ledger.h"
#include "model/plan.h"

/* Completes what is believed of the atoms: their probability, which until here comes from their own past alone (chunker/churn.h), by
 * what @ledger remembers of builds; and the size of what was compressed before. @ledger is that of the build of this plan.
 *
 * Rebases are left out of what the plan's atoms remember: since everything changes in them, each would make what is quiet otherwise look
 * busy. So probabilities are those of changing at a step that is no rebase. Two Fedora CoreOS histories with them, times the bound: 1.0436
 * and 1.0230; without: 1.0423 and 1.0234; eight made from these, each 2nd to 14th release or a half, all get better, by 0.002. */
void varve_forecast (VarvePlan *plan, const VarveLedger *ledger);

/* How many steps what was believed before is worth: the fewer, the further apart builds are. */
guint32 varve_forecast_prior_steps (const VarveLedger *ledger);
