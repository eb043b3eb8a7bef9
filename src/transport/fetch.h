/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "transport/copy-blobs.h"
#include "transport/target.h"

/* Copies images from any place into a layout or an archive. Every blob is checked; those already there are not copied.
 */

typedef enum {
  VARVE_FETCH_ONE, /* of an index in a registry the image for one architecture; an index in a layout as a whole */
  VARVE_FETCH_ALL, /* every image of an index; without a ref, every entry of a layout under its own ref name */
} VarveFetchKind;

typedef struct {
  VarveFetchKind kind;
  const char *architecture; /* as for varve_image_open() */
  guint jobs;               /* at least 1 */
  VarveObserver *observer;  /* may be NULL */
  GCancellable *cancellable;
} VarveFetchOptions;

typedef struct {
  VarveDigest digest; /* of the last entry; there are several only when a whole layout was copied */
  guint n_entries;
  VarveCopyCount count;
} VarveFetchResult;

/* Adds the image under @target's ref, or, when a whole layout is copied, each entry under its own; @target then has no
 * ref. Blobs that are absent from a thin layout are skipped. */
gboolean varve_fetch (const VarveReference *source, const VarveReference *target, const VarveFetchOptions *options,
                      VarveFetchResult *out_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Copies one image or index with all its blobs into a layout, without adding it to the index. Returns its descriptor,
 * with the platform when it is an image. */
VarveDescriptor *varve_fetch_into (const VarveReference *source, VarveLayout *layout, const VarveFetchOptions *options,
                                   VarveCopyCount *count, GError **error) G_GNUC_WARN_UNUSED_RESULT;
