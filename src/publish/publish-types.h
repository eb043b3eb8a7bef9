/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/create-options.h"
#include "transport/push.h"

/* What publishing is asked for, and what it did. */

typedef enum {
  VARVE_PUBLISH_FORWARD,   /* deltas to the new image */
  VARVE_PUBLISH_BOTH_WAYS, /* also from it to each image that these start from, for hosts that go back */
} VarvePublishWays;

typedef struct {
  VarvePushOptions push; /* step is set here */
  guint n_last;          /* deltas from this many of the images that were published before under the tag */
  GPtrArray *named;      /* of strings: tags, and "@sha256:…", of further images to start from */
  VarvePublishWays ways;
  const char *deltas_path; /* a folder with deltas that were made elsewhere; or NULL */
  guint keep;              /* of this many newest images, the deltas to them stay; 0: of all */
  VarveDeltaCreateOptions create;
} VarvePublishOptions;

typedef enum {
  VARVE_PUBLISHED_MADE,
  VARVE_PUBLISHED_GIVEN, /* made elsewhere */
  VARVE_PUBLISHED_THERE, /* the registry had it */
} VarvePublishedState;

typedef struct {
  VarvePublishedState state;
  VarveDigest digest, source, target; /* of the manifests of the delta and of the two images */
  gboolean has_source;                /* whether source is known */
  gboolean knows_costs;               /* whether the next three are known */
  guint64 download_bytes, encode_seconds, encode_bytes;
} VarvePublishedDelta;

typedef struct {
  VarveDigest digest, target; /* of the delta, and of the image that it led to */
  char *problem;              /* why the registry still has it, although no list names it any more; NULL: deleted */
} VarveRemovedDelta;

void varve_removed_delta_free (gpointer removed);

typedef struct {
  VarvePushResult push;
  GPtrArray *deltas;  /* VarvePublishedDelta, owned */
  GPtrArray *removed; /* VarveRemovedDelta, owned */
} VarvePublishResult;

void varve_publish_result_clear (VarvePublishResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarvePublishResult, varve_publish_result_clear)
