/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "chunker/cost.h"

/* Local search on a partition: moves single loads, and exchanges pairs if there are few enough loads, where this
 * strictly lowers the total cost. @layers has each load's layer, below @max_layers, and is updated; layers may become
 * empty, and empty layers may get loads. Larger loads go first, equal ones in their order. Returns the total cost. */
guint64 varve_refine (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers,
                      guint32 *layers);

/* The total cost of such a partition; an empty layer costs nothing. */
guint64 varve_refine_cost (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers,
                           const guint32 *layers);
