/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "chunker/ledger.h"
#include "model/plan.h"

/* The layers of the previous image that a new plan can reuse. */

typedef struct {
  guint32 *atoms; /* its atoms that are still in the tree: indices into the plan */
  guint32 n_atoms;
  gboolean is_clean; /* it has the same atoms as before, and none changed */
} VarveFormerLayer;

typedef struct {
  VarveFormerLayer *layers; /* in the order of the previous image, the commit layer not counted */
  guint32 n_layers;
} VarveFormerLayers;

/* Reads them from the ledger of the previous image. Atoms are compared by 8 bytes of their digests, so a caller that
 * can compare reused layers in full does so, and clears is_clean where they differ. */
VarveFormerLayers *varve_former_layers_new (const VarvePlan *plan, const VarveLedger *previous);
void varve_former_layers_free (VarveFormerLayers *former);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFormerLayers, varve_former_layers_free)

/* Adds the clean layers to the plan, which has none yet, in their old order; all other atoms are to be packed anew. If
 * clean layers leave no room for those atoms, the layers that are the cheapest to download again are dropped; if less
 * than a fifth of all bytes is in clean layers, all are. So the plan has at most @max_layers once it is packed. */
void varve_former_layers_keep (const VarveFormerLayers *former, VarvePlan *plan, guint32 max_layers);
