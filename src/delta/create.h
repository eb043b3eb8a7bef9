#pragma once

#include "delta/endpoints.h"
#include "skopeo/reference.h"

/* Makes deltas: from one or several old images to one new one. */

typedef enum {
  VARVE_DELTA_FORMAT_TARDIFF = 1 << 0,
  VARVE_DELTA_FORMAT_LOOKING = 1 << 1,
} VarveDeltaFormats;

typedef struct {
  guint jobs;
  int level;              /* zstd, of the ops */
  double max_ratio;       /* of the layer's size: a delta above it is not worth it, the layer goes in itself */
  double max_cpu_seconds; /* that applying may cost in the recipes' encoders; below 0: any */
  guint formats;          /* of VarveDeltaFormats */
  const char *work_path;  /* for temporary files; NULL: where they belong */
} VarveDeltaCreateOptions;

#define VARVE_DELTA_LEVEL_DEFAULT 19
#define VARVE_DELTA_CREATE_OPTIONS_INIT                                                                                \
  { .jobs = 1,                                                                                                         \
    .level = VARVE_DELTA_LEVEL_DEFAULT,                                                                                \
    .max_ratio = 0.9,                                                                                                  \
    .max_cpu_seconds = -1,                                                                                             \
    .formats = VARVE_DELTA_FORMAT_TARDIFF | VARVE_DELTA_FORMAT_LOOKING }

typedef struct {
  VarveDigest digest; /* of the artifact's manifest */
  char *target;       /* as it was written to */
  double read_seconds, trial_seconds, match_seconds,
      write_seconds; /* wall time; reading and trials are shared by all deltas of a run */
} VarveDeltaResult;

void varve_delta_result_free (VarveDeltaResult *result);

/* @olds are VarveImage *. With one of them the delta is written to @target as it is; with several, which needs an oci:
 * folder, to "REF-delta-from-XXXXXXXXXXXX" in it, the digits being the first of the old manifest's digest. The result
 * is a GPtrArray of VarveDeltaResult, in the order of @olds. A delta appears when it is whole. */
GPtrArray *varve_delta_create (GPtrArray *olds, const VarveImage *new, const VarveReference *target,
                               const VarveDeltaCreateOptions *options, VarveObserver *observer,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
