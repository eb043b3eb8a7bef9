/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/index.h"
#include "transport/target.h"

/* An index of images for different platforms. */

typedef enum {
  VARVE_INDEX_ADD, /* to the index that the target's ref names, if there is one */
  VARVE_INDEX_NEW, /* replaces it */
} VarveIndexMode;

typedef struct {
  VarveIndexMode mode;
  const char *const *annotations; /* "KEY=VALUE", of the index; may be NULL */
  guint jobs;                     /* at least 1 */
  VarveObserver *observer;        /* may be NULL */
  GCancellable *cancellable;
} VarvePlatformIndexOptions;

typedef enum {
  VARVE_ENTRY_KEPT,
  VARVE_ENTRY_ADDED,
  VARVE_ENTRY_REPLACED,
} VarveEntryState;

typedef struct {
  VarveDigest digest;
  VarveIndex *index;
  GArray *states; /* VarveEntryState of each entry */
} VarvePlatformIndexResult;

/* @sources are VarveReference, each of an image or of an index, whose images are all added. The platforms come from the
 * configs; two images for the same platform are VARVE_ERROR_USAGE. The layers of images in the target's own repository
 * are not copied. */
gboolean varve_platform_index (const GPtrArray *sources, const VarveReference *target,
                               const VarvePlatformIndexOptions *options, VarvePlatformIndexResult *out_result,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_platform_index_result_clear (VarvePlatformIndexResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarvePlatformIndexResult, varve_platform_index_result_clear)
