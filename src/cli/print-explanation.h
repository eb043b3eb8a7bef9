#pragma once

#include "explain/explanation.h"

/* What `explain` tells people. */

/* Where something is in an image. */
void varve_print_place (const VarveLocation *place);
/* Why an update downloads what it does, or of what alone is explained where that is and whether it is downloaded. */
void varve_print_explanation (const VarveExplanation *explanation);
