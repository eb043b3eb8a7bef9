/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/artifact.h"

/* The contents of a delta, as a table. */
void varve_print_delta (const VarveDelta *delta, const char *name);
