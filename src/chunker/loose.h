/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/pack.h"
#include "model/inventory.h"

/* Packs the objects that are in no layer of the plan: varve_pack() for parts of atoms. An atom of which some objects
 * are in kept layers takes part with the others alone. The plan gets the new layers after the existing ones. */
void varve_pack_loose (VarvePlan *plan, const VarveInventory *inventory, const VarvePackOptions *options);
