#pragma once

#include <glib.h>

#include "chunker/cost.h"

/* Local search on a partition: moves single loads, and exchanges pairs where there are few enough loads, only where
 * that strictly lowers the total cost. @layers holds each load's layer, below @max_layers, and is changed; a layer may
 * be emptied, and an empty one filled. Larger loads go first, equal ones in their order. Returns the total cost. */
guint64 varve_refine (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers,
                      guint32 *layers);

/* The total cost of such a partition; an empty layer costs nothing. */
guint64 varve_refine_cost (const VarveCostModel *model, const VarveLoad *loads, guint32 n_loads, guint32 max_layers,
                           const guint32 *layers);
