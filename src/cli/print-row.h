/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/image-row.h"

/* The updates of a series of releases and the mean download of each lag, as a table. @other has the same releases
 * built differently, or is NULL. */
void varve_print_row (const VarveImageRow *row, const char *name, const VarveImageRow *other, const char *other_name);
