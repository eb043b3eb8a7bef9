/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "transport/fetch.h"
#include "transport/push.h"

/* Copies an image from any place to any other: varve itself writes layouts and archives, skopeo everything else. */
typedef struct {
  VarveFetchOptions fetch;
  VarvePushOptions push;
} VarveCopyOptions;

typedef enum {
  VARVE_COPIED_FETCHED,   /* result.fetch is set */
  VARVE_COPIED_PUSHED,    /* result.push is set; the caller clears it */
  VARVE_COPIED_BY_SKOPEO, /* neither is set */
} VarveCopied;

typedef struct {
  VarveCopied how;
  VarveFetchResult fetch;
  VarvePushResult push;
} VarveCopyResult;

gboolean varve_copy_image (const VarveReference *source, const VarveReference *target, const VarveCopyOptions *options,
                           VarveCopyResult *out_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
