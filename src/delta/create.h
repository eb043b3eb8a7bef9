#pragma once

#include "delta/endpoints.h"
#include "skopeo/reference.h"

/* Makes deltas from one or several old images to a new one. */

typedef enum {
  VARVE_DELTA_FORMAT_TARDIFF = 1 << 0,
  VARVE_DELTA_FORMAT_VARVE = 1 << 1,
} VarveDeltaFormats;

typedef struct {
  guint jobs;
  int level;              /* zstd level of the ops */
  double max_ratio;       /* of delta to layer: above it, the delta contains the layer itself */
  double max_cpu_seconds; /* for the encoders when the delta is applied; below 0: no limit */
  guint formats;          /* of VarveDeltaFormats */
  const char *work_path;  /* for temporary files; NULL: varve_temporary_folder() */
  VarveObserver *observer;
} VarveDeltaCreateOptions;

#define VARVE_DELTA_LEVEL_DEFAULT 19
#define VARVE_DELTA_CREATE_OPTIONS_INIT                                                                                \
  { .jobs = 1,                                                                                                         \
    .level = VARVE_DELTA_LEVEL_DEFAULT,                                                                                \
    .max_ratio = 0.9,                                                                                                  \
    .max_cpu_seconds = -1,                                                                                             \
    .formats = VARVE_DELTA_FORMAT_TARDIFF | VARVE_DELTA_FORMAT_VARVE }

typedef struct {
  VarveDigest digest; /* of the artifact's manifest */
  char *target;       /* where the delta was written */
  /* Wall time. Reading and trials are shared by all deltas of a run. */
  double read_seconds, trial_seconds, match_seconds, write_seconds;
} VarveDeltaResult;

void varve_delta_result_free (VarveDeltaResult *result);

/* @olds are VarveImage *. From one old image the delta is written to @target. From several, @target must be an oci:
 * folder, and each delta becomes "REF-delta-from-XXXXXXXXXXXX" in it, with the first digits of the old manifest's
 * digest. The result is a GPtrArray of VarveDeltaResult, in the order of @olds. A delta appears only when it is
 * complete. */
GPtrArray *varve_delta_create (GPtrArray *olds, const VarveImage *new, const VarveReference *target,
                               const VarveDeltaCreateOptions *options, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
