/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"

/* Dates the objects of @stale (VarveStaleObject), which are stale in a layer of a commit of that time. What @former,
 * the record of the same layer in the ledger before, already lists is stale since then; everything else is since @time.
 * @former may be NULL. */
void varve_stale_since (GPtrArray *stale, const VarveLedgerLayer *former, gint64 time);
