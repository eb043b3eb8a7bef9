/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "chunker/keep.h"
#include "chunker/ledger.h"
#include "model/plan.h"

/* The layers of the previous image that a new plan can reuse. */

typedef struct {
  guint32 *atoms; /* its atoms that are still in the tree: indices into the plan; the live ones first */
  guint32 n_atoms;
  guint32 n_live;      /* these did not change since */
  guint32 n_stale;     /* the number of all others, also of those that are not in the tree any more */
  guint64 stale_bytes; /* of these, and of what was stale in the previous image already */
  gboolean is_usable;  /* its blob can be kept */
} VarveFormerLayer;

typedef struct {
  VarveFormerLayer *layers; /* in the order of the previous image, the commit layer not counted */
  guint32 n_layers;
} VarveFormerLayers;

/* Reads them from the ledger of the previous image. Atoms are compared by 8 bytes of their digests, so a caller that
 * can compare reused layers in full does so, and clears is_usable where they differ. */
VarveFormerLayers *varve_former_layers_new (const VarvePlan *plan, const VarveLedger *previous);
/* All its atoms are live, and nothing else is in it. */
void varve_former_layer_set_clean (VarveFormerLayer *layer);
void varve_former_layers_free (VarveFormerLayers *former);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFormerLayers, varve_former_layers_free)

/* Adds the layers that are kept (chunker/keep.h) to the plan, which has none yet, in their old order; all other atoms
 * are to be packed anew. If kept layers leave no room for other atoms, the layers that are the cheapest to download
 * again are dropped; if less than a fifth of all bytes is in kept layers, all are. So the plan has at most @max_layers
 * once it is packed. */
void varve_former_layers_keep (const VarveFormerLayers *former, VarvePlan *plan, const VarveKeepOptions *options);
