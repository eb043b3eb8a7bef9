#pragma once

#include <glib.h>

#include "chunker/cost.h"

/* The most loads that are partitioned one by one; the caller joins neighbours beforehand. */
#define VARVE_PARTITION_LOADS_MAX 8192

/* Cuts a row of loads into at most @max_layers runs of least total cost and writes to @out_layers, of @n_loads, the
 * number of each load's run, ascending from 0. Returns how many runs there are; where fewer cost as little, there are
 * fewer.
 *
 * Divide and conquer over where the last run starts: exact as long as that start never moves left when the row gets
 * longer. Rows ordered by risk per byte are nearly always so: of 3,000 random ones without near-certain loads all were
 * exact, with many of those all but 17, the worst of which was 0.33 % off. O(max_layers * n log n) time,
 * O(max_layers * n) memory. */
guint32 varve_partition (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers,
                         guint32 *out_layers);
