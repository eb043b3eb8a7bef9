#pragma once

#include "transport/copy-blobs.h"
#include "transport/target.h"

/* Images from anywhere into a layout or an archive, every blob checked and none copied that is there. */

typedef enum {
  VARVE_FETCH_ONE, /* of an index in a registry, the image for one architecture; a layout's index whole */
  VARVE_FETCH_ALL, /* every image of an index; and without a ref every entry of a layout, under its own name */
} VarveFetchKind;

typedef struct {
  VarveFetchKind kind;
  const char *architecture; /* as for varve_image_open() */
  guint jobs;
} VarveFetchOptions;

typedef struct {
  VarveDigest digest; /* of the last entry; the only one but where a layout was copied whole */
  guint n_entries;
  VarveCopyCount count;
} VarveFetchResult;

/* Enters it under @target's ref; a layout's entries, where there are several, under their own, and @target may have no
 * ref then. The blobs that @source lacks, of a thin layout, are passed over. */
gboolean varve_fetch (const VarveReference *source, const VarveReference *target, const VarveFetchOptions *options,
                      VarveFetchResult *out_result, VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* One image or index of @source, with all its blobs, into a layout: a descriptor that can be entered, with the platform
 * of an image. */
VarveDescriptor *varve_fetch_into (const VarveReference *source, VarveLayout *layout, const VarveFetchOptions *options,
                                   VarveCopyCount *count, VarveObserver *observer, GCancellable *cancellable,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
