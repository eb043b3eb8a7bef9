/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/old-tree.h"
#include "delta/tardiff.h"

/* Executes the ops of a delta. They come from outside: what they read, decode and emit is limited. */

/* Decoded pieces of old files, shared by all entries that are replayed against one tree. */
typedef struct _VarveReplayCache VarveReplayCache;

/* The limit of what one cache may hold. */
#define VARVE_REPLAY_DECODED_MAX_BYTES (32ull << 30)

/* @work_path as for varve_extent_file_new(). */
VarveReplayCache *varve_replay_cache_new (const char *work_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_replay_cache_free (VarveReplayCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveReplayCache, varve_replay_cache_free)

typedef struct {
  VarveOldTree *old;
  VarveReplayCache *cache;
  /* Limits: more is VARVE_ERROR_LIMIT. */
  guint64 max_bytes;        /* of output */
  guint64 max_memory_bytes; /* of all encoders that are open at once, estimated by codec/recipe-memory.h */
  double max_cpu_seconds;   /* of all encoders, estimated by codec/recipe-trial.h; below 0: no limit */
} VarveReplayOptions;

/* Writes the layer's tar to @out. UNSUPPORTED where a recipe cannot be followed here. The caller checks the diff ID. */
gboolean varve_replay (GInputStream *blob, const VarveReplayOptions *options, const VarveSink *out,
                       GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
