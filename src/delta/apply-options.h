/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/budget.h"
#include "base/observer.h"
#include "base/rate-limit.h"

typedef struct {
  guint jobs;
  double max_cpu_seconds; /* entries whose declared cost is higher are skipped; below 0: no limit */
  VarveBudget *memory; /* in bytes, for all encoders that run at once; entries that declare more are skipped; NULL: no
                          limit */
  const char *work_path;
  VarveRateLimit *limit; /* for fetching blobs of the delta; may be NULL */
  VarveObserver *observer;
} VarveApplyOptions;

#define VARVE_APPLY_OPTIONS_INIT { .jobs = 1, .max_cpu_seconds = -1 }

/* The part of the budget for an entry that does not declare its memory: enough for an initramfs by zstd -9 or xz -6.
 * With the widest window of 2^27 bytes and the program itself, an applier with one job then stays below 300 MB. */
#define VARVE_APPLY_MEMORY_BYTES (112ull << 20)
