/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/apply-options.h"
#include "delta/artifact.h"
#include "delta/replay.h"

/* Rebuilds the layers of a delta as tars in a spool, and checks their diff IDs. */

typedef struct {
  int kind; /* VarveDeltaEntryKind of the entry that was used; -1: none */
  const VarveDeltaEntry *entry;
  VarveExtent tar; /* of a replayed entry */
} VarveRebuiltLayer;

typedef struct {
  VarveExtentFile *spool;
  GArray *layers; /* VarveRebuiltLayer, for each layer of the target */
} VarveRebuilt;

VarveRebuilt *varve_rebuild (const VarveDelta *delta, VarveOldTree *tree, const VarveApplyOptions *options,
                             GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The entry from which a layer is made, within the CPU time and memory of @limits, if it is not damaged; NULL where the
 * delta has none. */
const VarveDeltaEntry *varve_rebuild_choose (const VarveDelta *delta, guint layer, const VarveApplyOptions *limits);

typedef struct {
  const VarveDelta *delta;
  VarveOldTree *tree;
  VarveReplayCache *cache;
  const VarveApplyOptions *options;
} VarveRebuildParts;

/* Rebuilds one layer into @spool, from entries that are replayed. @out_layer->kind is -1 where the delta has no such
 * entry. An error means that all entries failed or were skipped. Thread-safe. */
gboolean varve_rebuild_layer (const VarveRebuildParts *parts, guint layer, VarveExtentFile *spool,
                              VarveRebuiltLayer *out_layer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

void varve_rebuilt_free (VarveRebuilt *rebuilt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveRebuilt, varve_rebuilt_free)
