/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/create-options.h"
#include "delta/endpoints.h"
#include "skopeo/reference.h"

/* Makes deltas from one or several old images to a new one. */

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
