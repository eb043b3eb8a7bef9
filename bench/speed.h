#pragma once

#include <gio/gio.h>

#include "base/json.h"
#include "base/observer.h"

/* How fast this machine builds an image, against the limit: compressing and hashing the very same bytes with the same
 * library, the same level and all cores, and doing nothing else. Both are timed in turn in one run, so that their ratio
 * holds on a machine whose speed drifts. */
typedef struct {
  const char *repo_path, *ref;
  const char *work_path; /* a folder on a disk with room for twice the commit; NULL is TMPDIR, else /var/tmp */
  guint32 max_layers;
  int level; /* of zstd */
  guint jobs;
  guint runs; /* how often each is timed; the medians count */
} VarveSpeedOptions;

typedef struct {
  guint64 raw_bytes, image_bytes, objects;
  double build_seconds, limit_seconds,
      rebuild_seconds;         /* medians; a rebuild is into the layout that has the image already */
  double ratio, rebuild_ratio; /* median of the pairs: build to limit; rebuild to build */
  double build_cpu_seconds, limit_cpu_seconds,
      cpu_ratio;             /* of all cores, medians: they hold where others use the machine too */
  guint64 peak_memory_bytes; /* of the largest build process */
} VarveSpeedResult;

gboolean varve_speed_measure (const VarveSpeedOptions *options, VarveSpeedResult *out_result, VarveObserver *observer,
                              GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_object *varve_speed_to_json (const VarveSpeedResult *result);
