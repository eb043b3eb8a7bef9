/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/tardiff.h"

/* The ways to the sources of ops: a file or a layer of the old image, then any number of Decodes. Each way is kept once
 * and has a number. Thread-safe. */
typedef struct _VarveChains VarveChains;

VarveChains *varve_chains_new (void);
void varve_chains_free (VarveChains *chains);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveChains, varve_chains_free)

/* The way that @op, an Open, Layer or Decode, leads to from the way @from, which only a Decode reads. LIMIT for too
 * many ways or too many Decodes in a row. */
gboolean varve_chains_follow (VarveChains *chains, guint32 from, const VarveOp *op, guint32 *out_way, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether the way begins at a layer. */
gboolean varve_chains_is_layer (VarveChains *chains, guint32 way);
/* Writes the ops of a way. The position is then 0. */
gboolean varve_chains_write (VarveChains *chains, guint32 way, VarveTardiffWriter *writer, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
