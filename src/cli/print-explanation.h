/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/explanation.h"
#include "explain/stale-places.h"

/* Text output of `explain`. */

/* The layer of a path or component, and why. */
void varve_print_place (const VarveLocation *place);
/* What is stale in a layer. */
void varve_print_stale_place (const VarveStalePlace *place);
/* Why an update downloads its layers; or, for a path or component, its layer and whether the update downloads it. */
void varve_print_explanation (const VarveExplanation *explanation);
