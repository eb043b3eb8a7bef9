/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/create-options.h"
#include "transport/push.h"

/* Publishes an image in a registry together with deltas from the images that hosts have: docs/publishing.md. */

typedef struct {
  VarvePushOptions push; /* step is set here */
  guint n_last;          /* deltas from this many of the images that were published before under the tag */
  GPtrArray *named;      /* of strings: tags, and "@sha256:…", of further images to start from */
  VarveDeltaCreateOptions create;
} VarvePublishOptions;

typedef enum {
  VARVE_PUBLISHED_MADE,
  VARVE_PUBLISHED_THERE, /* the registry had it */
} VarvePublishedState;

typedef struct {
  VarvePublishedState state;
  VarveDigest digest, source, target; /* of the manifests of the delta and of the two images */
  char *version;                      /* of the source; or NULL */
  gboolean knows_costs;               /* whether the next three are known */
  guint64 download_bytes, encode_seconds, encode_bytes;
} VarvePublishedDelta;

typedef struct {
  VarvePushResult push;
  GPtrArray *deltas; /* VarvePublishedDelta, owned */
} VarvePublishResult;

/* Pushes the image or index at @source, makes and pushes the deltas, and moves the tags last: what fails before leaves
 * them where they were, and a second run makes and sends only what is missing. @target is docker: with a tag, or
 * without one for "latest". Images that are no longer in the registry are left out. */
gboolean varve_publish (const VarveReference *source, const VarveReference *target, const VarvePublishOptions *options,
                        VarvePublishResult *out_result, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_publish_result_clear (VarvePublishResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarvePublishResult, varve_publish_result_clear)
