/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"
#include "model/source.h"

/* A thread that makes the source read ahead in a list of objects, a bounded distance before the reader, so that the
 * reader does not wait for the disk. */
typedef struct _VarveReadahead VarveReadahead;

/* NULL if the source cannot read ahead. All arguments must outlive the result. */
VarveReadahead *varve_readahead_new (const VarveInventory *inventory, VarveSource *source, const guint32 *objects,
                                     guint32 n_objects);
void varve_readahead_free (VarveReadahead *readahead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReadahead, varve_readahead_free)

/* Sets the reader's position in the list. NULL does nothing. */
void varve_readahead_move (VarveReadahead *readahead, guint32 position);
