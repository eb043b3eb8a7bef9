#pragma once

#include "delta/apply.h"
#include "delta/replay.h"

/* The layers that a delta rebuilds, as tars in a spool: each has its diff ID when it is there. */

typedef struct {
  int kind;                /* of the entry that was used, VarveDeltaEntryKind; -1: there is none */
  const VarveDeltaEntry *entry;
  VarveExtent tar;         /* for the kinds that are replayed */
} VarveRebuiltLayer;

typedef struct {
  VarveExtentFile *spool;
  GArray *layers;          /* VarveRebuiltLayer, for each layer of the target */
} VarveRebuilt;

VarveRebuilt *varve_rebuild (const VarveDelta *delta, VarveOldTree *tree, const VarveApplyOptions *options, VarveObserver *observer,
                             GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One layer alone, its tar in @spool. @out_layer->kind is -1 where the delta has no entry for it, and VARVE_DELTA_ENTRY_LAYER where it has
 * none but the layer itself. */
gboolean varve_rebuild_layer (const VarveDelta *delta, guint layer, VarveOldTree *tree, VarveReplayCache *cache, VarveExtentFile *spool,
                              const VarveApplyOptions *options, VarveObserver *observer, VarveRebuiltLayer *out_layer, GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

void varve_rebuilt_free (VarveRebuilt *rebuilt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveRebuilt, varve_rebuilt_free)
