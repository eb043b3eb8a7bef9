/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "explain/explanation.h"

/* Text output of `explain`. */

/* The layer of a path or component, and why. */
void varve_print_place (const VarveLocation *place);
/* Why an update downloads its layers; or, for a path or component, its layer and whether the update downloads it. */
void varve_print_explanation (const VarveExplanation *explanation);
