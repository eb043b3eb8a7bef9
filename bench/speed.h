/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/json.h"
#include "base/observer.h"

/* How fast this machine builds an image, against the lower bound: the time to compress and hash the same bytes with the
 * same library, the same level and all cores. Both are timed in turn in one run, so that their ratio is valid even if
 * the machine's speed drifts. */
typedef struct {
  const char *repo_path, *ref;
  const char *work_path; /* a folder on a disk with room for twice the commit; NULL is TMPDIR, else /var/tmp */
  guint32 max_layers;
  int level; /* of zstd */
  guint jobs;
  guint runs; /* how often each is timed; the medians are reported */
} VarveSpeedOptions;

typedef struct {
  guint64 raw_bytes, image_bytes, objects;
  /* Medians; limit_seconds is the lower bound, a rebuild is into the layout that has the image already. */
  double build_seconds, limit_seconds, rebuild_seconds;
  double ratio, rebuild_ratio; /* median of the pairs: build to limit; rebuild to build */
  /* Of all cores, medians: valid even when the machine has other load. */
  double build_cpu_seconds, limit_cpu_seconds, cpu_ratio;
  guint64 peak_memory_bytes; /* of the largest build process */
} VarveSpeedResult;

gboolean varve_speed_measure (const VarveSpeedOptions *options, VarveSpeedResult *out_result, VarveObserver *observer,
                              GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_speed_to_json (const VarveSpeedResult *result);
