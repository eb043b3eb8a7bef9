#pragma once

#include "delta/old-tree.h"
#include "delta/tardiff.h"

/* Carries out the ops of a delta. They come from outside: what they may read, decode and emit is bounded. */

/* What several deltas that are replayed against one tree share: old files that have been decoded. */
typedef struct _VarveReplayCache VarveReplayCache;

/* All that may be decoded through one cache. */
#define VARVE_REPLAY_DECODED_MAX_BYTES (32ull << 30)

/* @work_path as for varve_extent_file_new(). */
VarveReplayCache *varve_replay_cache_new (const char *work_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_replay_cache_free (VarveReplayCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReplayCache, varve_replay_cache_free)

typedef struct {
  VarveOldTree *old;
  VarveReplayCache *cache;
  guint64 max_bytes;        /* of output: more is LIMIT */
  guint64 max_memory_bytes; /* of all encoders that are open at once, as delta/recipe-memory.h reckons: more is LIMIT */
  double max_cpu_seconds;   /* of the encoders, as delta/recipe-trial.h reckons: more is LIMIT; below 0: any */
} VarveReplayOptions;

/* Emits the layer's tar to @out. UNSUPPORTED where a recipe cannot be followed here; that it gives the right bytes the
 * caller checks. */
gboolean varve_replay (GInputStream *blob, const VarveReplayOptions *options, const VarveSink *out,
                       GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
