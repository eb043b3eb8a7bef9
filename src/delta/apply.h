/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/apply-options.h"
#include "delta/delta-base.h"
#include "skopeo/reference.h"

/* Applies a delta. The result is the target image, with the same diff IDs. */

typedef enum {
  VARVE_APPLY_IDENTICAL,  /* rebuilt, with the same digest */
  VARVE_APPLY_EQUIVALENT, /* rebuilt, with the same diff ID but compressed differently, so with another digest */
  VARVE_APPLY_CARRIED,    /* the delta contains the layer itself */
  VARVE_APPLY_REUSED,     /* copied from the old image */
  VARVE_APPLY_ABSENT,     /* the base has no blob of it; left out, since hosts have the layer by its diff ID */
} VarveApplyState;

/* "identical", "equivalent", "carried", "reused", "absent". */
const char *varve_apply_state_to_string (VarveApplyState state);

typedef struct {
  VarveApplyState state;
  int kind;           /* VarveDeltaEntryKind of the entry that was used; -1: none */
  VarveDigest digest; /* of the resulting layer */
  guint64 size_bytes;
} VarveApplyLayer;

typedef struct {
  VarveDigest digest;     /* of the manifest */
  gboolean is_identical;  /* the manifest is the target's, with the same digest */
  GArray *layers;         /* VarveApplyLayer */
  guint64 download_bytes; /* of the entries that were used */
} VarveApplyResult;

void varve_apply_result_free (VarveApplyResult *result);

/* Rebuilds and checks all layers before it writes to the target. An entry that fails or gives other bytes is a warning
 * where the delta has another entry for the layer. */
VarveApplyResult *varve_delta_apply (const VarveDelta *delta, const VarveDeltaBase *base, const VarveReference *target,
                                     const VarveApplyOptions *options, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
