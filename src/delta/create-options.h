/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "codec/recipe-memory.h"

typedef enum {
  VARVE_DELTA_FORMAT_TARDIFF = 1 << 0,
  VARVE_DELTA_FORMAT_VARVE = 1 << 1,
} VarveDeltaFormats;

typedef struct {
  guint jobs;
  int level;                /* zstd level of the ops */
  double max_ratio;         /* of delta to layer: above it, the delta contains the layer itself */
  double max_cpu_seconds;   /* for the encoders when the delta is applied; below 0: no limit */
  guint64 max_memory_bytes; /* of the encoders that are open at once then */
  guint formats;            /* of VarveDeltaFormats */
  const char *work_path;    /* for temporary files; NULL: varve_temporary_parent() */
  VarveObserver *observer;
} VarveDeltaCreateOptions;

#define VARVE_DELTA_LEVEL_DEFAULT 19
#define VARVE_DELTA_CREATE_OPTIONS_INIT                                                                                \
  { .jobs = 1,                                                                                                         \
    .level = VARVE_DELTA_LEVEL_DEFAULT,                                                                                \
    .max_ratio = 0.9,                                                                                                  \
    .max_cpu_seconds = -1,                                                                                             \
    .max_memory_bytes = VARVE_RECIPE_MEMORY_MAX_BYTES,                                                                 \
    .formats = VARVE_DELTA_FORMAT_TARDIFF | VARVE_DELTA_FORMAT_VARVE }
