/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "compose/draft.h"
#include "compose/image-config.h"
#include "compose/report.h"
#include "emit/compress.h"
#include "skopeo/reference.h"

/* Builds an image from a commit, a tree or another image. */
typedef struct {
  VarveDraftOptions draft;
  VarveImageConfigOptions config;
  VarveCompressOptions compress; /* its number of workers is ignored */
  gboolean is_thin;              /* leaves the blobs of reused layers out of the layout */
  gboolean prunes;               /* removes blobs that earlier builds into the layout have replaced */
} VarveBuildOptions;

#define VARVE_BUILD_OPTIONS_INIT { .draft = VARVE_DRAFT_OPTIONS_INIT, .compress = VARVE_COMPRESS_OPTIONS_INIT }

/* Writes the image to @target. Nothing is visible there before the image is complete. Layers of the previous image that
 * are in @target's repository are neither downloaded nor uploaded. */
VarveReport *varve_build (const VarveBuildOptions *options, const VarveReference *target, VarveObserver *observer,
                          GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
