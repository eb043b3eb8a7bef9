/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"

/* What an atom contains: SHA-256 over "varve-atom-1\0", then for each object, by first path: its checksum, the number
 * of its paths as 4 bytes little-endian, its paths in walk order, each ended by a NUL. @objects ascend. */
VarveDigest varve_atom_digest (const VarveInventory *inventory, const guint32 *objects, guint32 n_objects);
