#pragma once

#include "oci/index.h"
#include "transport/target.h"

/* One index of images for different architectures. */

typedef enum {
  VARVE_INDEX_ADD, /* to what is there under the target's name, where that is an index */
  VARVE_INDEX_NEW, /* what is there is replaced */
} VarveIndexMode;

typedef struct {
  VarveIndexMode mode;
  const char *const *annotations; /* "KEY=VALUE", of the index; may be NULL */
  guint jobs;
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

/* @sources are VarveReference: each an image, or an index whose images are all taken. Platforms are what the configs
 * say; two images for the same one are VARVE_ERROR_USAGE. Of images that the target's repository has already, manifest
 * and config suffice. */
gboolean varve_platform_index (const GPtrArray *sources, const VarveReference *target,
                               const VarvePlatformIndexOptions *options, VarvePlatformIndexResult *out_result,
                               VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_platform_index_result_clear (VarvePlatformIndexResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarvePlatformIndexResult, varve_platform_index_result_clear)
