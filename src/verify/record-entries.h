/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"
#include "model/layer-entries.h"
#include "verify/layer-record.h"

/* What a layer that was read has, compared with a tree: an object is the same if its paths are. NULL where it has a
 * directory that the tree has not, or with another owner or mode. */
VarveLayerEntries *varve_record_entries (const VarveLayerRecord *record, const VarveInventory *inventory);
