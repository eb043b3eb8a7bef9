/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/keep.h"
#include "model/inventory.h"
#include "model/layer-entries.h"

/* Published layers that are kept although some of their objects are stale: the tree does not need them. What a layer
 * shows at a path hides what an earlier one has there. So an object is served by the last kept layer that has it, and
 * only if no later one has anything at any of its paths. */

typedef struct {
  const VarveLayerEntries *entries; /* NULL: it cannot be kept */
  gboolean is_pinned;               /* kept whatever is stale in it */
  gboolean is_extra; /* of another image: kept only where nothing in it is stale, and no other kept layer has any of it.
                        Such candidates come last */
} VarveKeptCandidate;

/* Adds the candidates that are kept to the plan, which has no layer yet, in their order and with the objects that each
 * serves; `previous` is their index. A candidate is opened whose stale path is a directory of the tree or lies below a
 * file of it: no whiteout can hide that. Objects that pinned layers have do not
 * count for others. If kept layers leave too little room for other objects, the layers that are
 * the cheapest to download again are dropped; if less than a fifth of all bytes is in kept layers, all are. So the plan
 * has at most @max_layers once it is packed, with one more for whiteouts where there are any.
 *
 * Returns these: the paths to remove, which the tree lacks, sorted; the caller frees the array. The share of stale
 * bytes counts contents, and 1 KiB for each object. */
GPtrArray *varve_kept_layers_add (VarvePlan *plan, const VarveInventory *inventory,
                                  const VarveKeptCandidate *candidates, guint32 n_candidates,
                                  const VarveKeepOptions *options);
