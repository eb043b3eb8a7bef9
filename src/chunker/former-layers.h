#pragma once

#include <glib.h>

#include "chunker/ledger.h"
#include "model/plan.h"

/* The layers of the previous image, found again in a new plan. */

typedef struct {
  guint32 *atoms; /* those of its atoms that are still there: indices into the plan */
  guint32 n_atoms;
  gboolean is_clean; /* it holds just what it held: the same atoms, none changed */
} VarveFormerLayer;

typedef struct {
  VarveFormerLayer *layers; /* in the order of the previous image, the commit layer not counted */
  guint32 n_layers;
} VarveFormerLayers;

/* As the ledger of the previous image tells. Atoms are compared by 8 bytes of their digests, so a caller that can
 * compares what it takes over in full and clears is_clean where it differs. */
VarveFormerLayers *varve_former_layers_new (const VarvePlan *plan, const VarveLedger *previous);
void varve_former_layers_free (VarveFormerLayers *former);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFormerLayers, varve_former_layers_free)

/* Puts the clean layers into the plan, which has none yet, in their old order; all others are to be packed afresh.
 * Where clean layers leave no room for what is left, those are given up that are the cheapest to download again; where
 * less than a fifth of all bytes is in clean layers, all. So at most @max_layers are there once what is left is packed.
 */
void varve_former_layers_keep (const VarveFormerLayers *former, VarvePlan *plan, guint32 max_layers);
