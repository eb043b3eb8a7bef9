/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "delta/artifact.h"
#include "skopeo/reference.h"

/* Makes one delta out of two that follow one another, without any of the three images. */

typedef struct {
  guint jobs;
  int level;             /* zstd level of the ops */
  const char *work_path; /* NULL: varve_temporary_parent() */
  VarveObserver *observer;
} VarveMergeDeltasOptions;

/* @first leads to the image that @second starts from, else it is USAGE. A layer that cannot be merged is taken from
 * @second if that contains it; otherwise it is UNSUPPORTED, and nothing is written. */
gboolean varve_delta_merge (const VarveDelta *first, const VarveDelta *second, const VarveReference *target,
                            const VarveMergeDeltasOptions *options, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
