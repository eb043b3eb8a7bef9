#pragma once

#include "delta/endpoints.h"
#include "delta/tardiff.h"

/* An OSTree image's layer of dirtrees and directories: names none of which a host shows, so that no op can open what is
 * in it. It comes from the old image's, as one file. */

typedef struct {
  guint old_layer, new_layer;
} VarveCommitLayers;

/* FALSE where the two have no such pair. */
gboolean varve_commit_layers_find (const VarveNewEnd *new, const VarveOldEnd *old, VarveCommitLayers *out_layers);

/* The ops for the whole of the new layer's tar. */
gboolean varve_commit_layers_encode (const VarveCommitLayers *layers, const VarveNewEnd *new, const VarveOldEnd *old,
                                     VarveTardiffWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
