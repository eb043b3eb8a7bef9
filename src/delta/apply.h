#pragma once

#include "base/budget.h"
#include "base/rate-limit.h"
#include "delta/delta-base.h"
#include "skopeo/reference.h"

/* Applies a delta: the image that it leads to, with the very same diff IDs. */

typedef enum {
  VARVE_APPLY_IDENTICAL,  /* rebuilt, the same digest */
  VARVE_APPLY_EQUIVALENT, /* rebuilt, the same diff ID; compressed otherwise, so the digest is another */
  VARVE_APPLY_CARRIED,    /* the delta had the layer itself */
  VARVE_APPLY_REUSED,     /* copied from the old image */
  VARVE_APPLY_ABSENT,     /* not in what the delta was applied to: left out, as hosts have it by its diff ID */
} VarveApplyState;

/* "identical", "equivalent", "carried", "reused", "absent". */
const char *varve_apply_state_to_string (VarveApplyState state);

typedef struct {
  VarveApplyState state;
  int kind;           /* of the entry that was used, VarveDeltaEntryKind; -1: none */
  VarveDigest digest; /* that the layer has now */
  guint64 size_bytes;
} VarveApplyLayer;

typedef struct {
  guint jobs;
  double max_cpu_seconds; /* entries that foretell more for their encoders are passed over; below 0: none are */
  VarveBudget *memory; /* for the encoders of all that goes on at once, in bytes: entries that foretell more are passed
                          over; NULL: any */
  const char *work_path;
  VarveRateLimit *limit; /* of what is fetched of the delta; may be NULL */
} VarveApplyOptions;

#define VARVE_APPLY_OPTIONS_INIT { .jobs = 1, .max_cpu_seconds = -1 }

typedef struct {
  VarveDigest digest;     /* of the manifest */
  gboolean is_identical;  /* it is the very manifest of the new image */
  GArray *layers;         /* VarveApplyLayer */
  guint64 download_bytes; /* of the entries that were used */
} VarveApplyResult;

void varve_apply_result_free (VarveApplyResult *result);

/* What an entry that does not foretell its memory is given of a budget: enough for an initramfs by zstd -9 or xz -6.
 * With the 2^27 bytes of the widest window, and what the program itself takes, an applier with one job is then below
 * 300 MB. */
#define VARVE_APPLY_MEMORY_BYTES (112ull << 20)

/* All layers are rebuilt and checked before the target is touched. An entry of ours that cannot be followed here, or
 * that gives other bytes, is a warning where there is another entry for the layer. */
VarveApplyResult *varve_delta_apply (const VarveDelta *delta, const VarveDeltaBase *base, const VarveReference *target,
                                     const VarveApplyOptions *options, VarveObserver *observer,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
