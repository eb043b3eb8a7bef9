#pragma once

#include "bench/image-row.h"

/* The updates of a row as a table, and what those of each lag cost; @other is the same releases in another way, or
 * NULL. */
void varve_print_row (const VarveImageRow *row, const char *name, const VarveImageRow *other, const char *other_name);
