#pragma once

#include "transport/fetch.h"
#include "transport/push.h"

/* From any place to any other: into a layout or an archive by our own hand, all else through skopeo. */
typedef struct {
  VarveFetchOptions fetch;
  VarvePushOptions push;
} VarveCopyOptions;

typedef enum {
  VARVE_COPIED_FETCHED,   /* result.fetch is set */
  VARVE_COPIED_PUSHED,    /* result.push is set, and to be cleared */
  VARVE_COPIED_BY_SKOPEO, /* by skopeo alone: no more is known */
} VarveCopied;

typedef struct {
  VarveCopied how;
  VarveFetchResult fetch;
  VarvePushResult push;
} VarveCopyResult;

gboolean varve_copy_image (const VarveReference *source, const VarveReference *target, const VarveCopyOptions *options,
                           VarveCopyResult *out_result, VarveObserver *observer, GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
