/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/delta-referrer.h"
#include "publish/publish-types.h"
#include "transport/referrers.h"

/* One run of publishing: where to, and what was done. */
typedef struct {
  const VarveReference *target; /* docker: with a tag */
  const VarvePublishOptions *options;
  VarveBlobs *local;  /* of the layout or archive */
  GPtrArray *images;  /* VarveImage: the new image, or those of the new index */
  GPtrArray *changes; /* VarveReferrersChange: to the lists of referrers, one for each subject */
  VarvePublishResult *result;
  GCancellable *cancellable;
} VarvePublisher;

/* The change to the list of @subject; belongs to @publisher. */
VarveReferrersChange *varve_publisher_change (VarvePublisher *publisher, const VarveDigest *subject);
/* The delta from @source, or NULL. @deltas are VarveDeltaReferrer. */
const VarveDeltaReferrer *varve_publisher_find (const GPtrArray *deltas, const VarveDigest *source);
/* Adds the delta to the result, where it is once. */
void varve_publisher_report (VarvePublisher *publisher, VarvePublishedState state, const VarveDigest *target,
                             const VarveDeltaReferrer *delta);
/* Pushes the delta at @place, oci: or oci-archive:, and lists it at once, so that a run that is killed later need not
 * make it again. */
gboolean varve_publisher_add (VarvePublisher *publisher, VarvePublishedState state, const VarveReference *place,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
