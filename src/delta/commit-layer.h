/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/endpoints.h"
#include "delta/tardiff.h"

/* The commit layer of an OSTree image, with dirtrees and directories. Its files are not in the tree that a host shows,
 * so ops cannot open them by name. The whole tar is encoded against the old image's commit layer. */

typedef struct {
  guint old_layer, new_layer;
} VarveCommitLayers;

/* FALSE where an image has no such layer. */
gboolean varve_commit_layers_find (const VarveNewEnd *new, const VarveOldEnd *old, VarveCommitLayers *out_layers);

/* Writes the ops for the whole tar of the new layer. */
gboolean varve_commit_layers_encode (const VarveCommitLayers *layers, const VarveNewEnd *new, const VarveOldEnd *old,
                                     VarveTardiffWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
