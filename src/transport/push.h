/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"
#include "skopeo/reference.h"

/* Pushes an image or a whole index from a layout or an archive to a place that skopeo writes, byte for byte. */

/* Options of skopeo; all may be NULL. */
typedef struct {
  const char *sign_by, *sign_by_sigstore, *sign_by_sigstore_private_key, *sign_identity, *sign_passphrase_file;
} VarveSigning;

typedef enum {
  VARVE_PUSH_ALL,
  VARVE_PUSH_CONTENT, /* to a registry: the manifest by its digest with all its blobs, and no tag */
  VARVE_PUSH_TAGS,    /* to a registry: only the tags, of content that is there */
} VarvePushStep;

typedef struct {
  const char *const *tags; /* in addition to the one in the reference; may be NULL */
  VarveSigning signing;
  VarvePushStep step;
} VarvePushOptions;

typedef struct {
  VarveDigest digest; /* of the manifest or index */
  GPtrArray *tags;    /* the tags that were set; owned strings */
  guint n_layers;     /* distinct layers of all its images */
  guint64 layers_bytes;
  gboolean knows_sent; /* whether the next two are known */
  guint n_sent;
  guint64 sent_bytes;
} VarvePushResult;

/* To a registry: first all blobs, then the manifest by its digest, then each tag, that of the reference first. Without
 * any tag "latest" is set, unless the reference has a digest, which must be the image's. Blobs that the registry's
 * repository has already are not sent, and may be absent from the layout. */
gboolean varve_push (const VarveReference *source, const VarveReference *target, const VarvePushOptions *options,
                     VarvePushResult *out_result, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_push_result_clear (VarvePushResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarvePushResult, varve_push_result_clear)
