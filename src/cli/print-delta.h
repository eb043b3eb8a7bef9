#pragma once

#include "delta/artifact.h"

/* What a delta is made of, as a table. */
void varve_print_delta (const VarveDelta *delta, const char *name);
