#pragma once

#include "delta/apply.h"
#include "delta/replay.h"

/* The layers that a delta rebuilds, as tars in a spool: each has its diff ID when it is there. */

typedef struct {
  int kind; /* of the entry that was used, VarveDeltaEntryKind; -1: there is none */
  const VarveDeltaEntry *entry;
  VarveExtent tar; /* for the kinds that are replayed */
} VarveRebuiltLayer;

typedef struct {
  VarveExtentFile *spool;
  GArray *layers; /* VarveRebuiltLayer, for each layer of the target */
} VarveRebuilt;

VarveRebuilt *varve_rebuild (const VarveDelta *delta, VarveOldTree *tree, const VarveApplyOptions *options,
                             VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  const VarveDelta *delta;
  VarveOldTree *tree;
  VarveReplayCache *cache;
  VarveObserver *observer;
} VarveRebuildParts;

/* One layer alone, its tar in @spool, by an entry that is replayed: @out_layer->kind is -1 where the delta has none for
 * it. An error where each that it has fails or is passed over. To be called from several threads. */
gboolean varve_rebuild_layer (const VarveRebuildParts *parts, guint layer, VarveExtentFile *spool,
                              const VarveApplyOptions *options, VarveRebuiltLayer *out_layer, GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

void varve_rebuilt_free (VarveRebuilt *rebuilt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveRebuilt, varve_rebuilt_free)
