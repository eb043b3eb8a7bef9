#pragma once

#include "chunker/ledger.h"
#include "model/plan.h"

/* Completes what is believed of the atoms: their probability, which until here comes from their own past alone (chunker/churn.h), by
 * what @ledger remembers of builds; and the size of what was compressed before. @ledger is that of the build of this plan. */
void varve_forecast (VarvePlan *plan, const VarveLedger *ledger);
