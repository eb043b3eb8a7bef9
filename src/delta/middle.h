/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "delta/artifact.h"
#include "delta/image-files.h"
#include "delta/merge-ops.h"

/* What a delta says about the image that it leads to, without that image: the scripts of the layers that it rebuilds,
 * and the files in them. What is in no such layer is in one that the old image has too. */

typedef struct {
  const VarveDelta *delta;
  VarveExtentFile *spool;
  VarveChains *chains;
  VarveMiddleLayer *layers; /* for each layer; no script where the layer is reused */
  VarveImageFiles *files;
} VarveMiddle;

typedef struct {
  guint jobs;
  const char *work_path; /* NULL: varve_temporary_parent() */
  VarveObserver *observer;
} VarveMiddleOptions;

/* @delta must outlive the result. */
VarveMiddle *varve_middle_read (const VarveDelta *delta, const VarveMiddleOptions *options, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_middle_free (VarveMiddle *middle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveMiddle, varve_middle_free)

/* For varve_merge_ops(); valid as long as @middle. */
VarveMiddleImage varve_middle_image (const VarveMiddle *middle);
