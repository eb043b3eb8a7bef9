/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "model/inventory.h"
#include "model/layer-entries.h"
#include "model/plan.h"

/* What the layers of the previous image have, as far as its ledger tells: VarveLayerEntries of each of @n_layers layers
 * (the commit layer not counted), or NULL where the layer must be read: something in it changed, or one of its stale
 * objects may be needed again. Atoms are compared by 8 bytes of their digests, so the caller compares the layer's key.
 */
GPtrArray *varve_former_entries_new (const VarvePlan *plan, const VarveInventory *inventory,
                                     const VarveLedger *previous, guint32 n_layers);
