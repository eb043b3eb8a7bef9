/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"
#include "model/plan.h"

/* The bytes of an atom below each directory, by the first path of each object. */
typedef struct _VarveSubtreeBytes VarveSubtreeBytes;

VarveSubtreeBytes *varve_subtree_bytes_new (const VarveInventory *inventory, const VarveAtom *atom);
void varve_subtree_bytes_free (VarveSubtreeBytes *bytes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSubtreeBytes, varve_subtree_bytes_free)

/* Bytes of content; 0 for a directory without any. */
guint64 varve_subtree_bytes_get (const VarveSubtreeBytes *bytes, guint32 directory);
