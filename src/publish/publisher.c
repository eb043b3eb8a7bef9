/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/publisher.h"

#include "transport/open-image.h"

VarveReferrersChange *
varve_publisher_change (VarvePublisher *publisher, const VarveDigest *subject)
{
  for (guint i = 0; i < publisher->changes->len; i++)
    {
      VarveReferrersChange *change = publisher->changes->pdata[i];
      if (varve_digest_compare (&change->subject, subject) == 0)
        return change;
    }
  VarveReferrersChange *change = varve_referrers_change_new (subject);
  g_ptr_array_add (publisher->changes, change);
  return change;
}

const VarveDeltaReferrer *
varve_publisher_find (const GPtrArray *deltas, const VarveDigest *source)
{
  for (guint i = 0; i < deltas->len; i++)
    {
      const VarveDeltaReferrer *delta = deltas->pdata[i];
      if (delta->has_source && varve_digest_compare (&delta->source, source) == 0)
        return delta;
    }
  return NULL;
}

void
varve_publisher_report (VarvePublisher *publisher, VarvePublishedState state, const VarveDigest *target,
                        const VarveDeltaReferrer *delta)
{
  for (guint i = 0; i < publisher->result->deltas->len; i++)
    if (varve_digest_compare (&((const VarvePublishedDelta *)publisher->result->deltas->pdata[i])->digest,
                              &delta->descriptor->digest)
        == 0)
      return;
  VarvePublishedDelta *published = g_new0 (VarvePublishedDelta, 1);
  *published = (VarvePublishedDelta){
    .state = state,
    .digest = delta->descriptor->digest,
    .source = delta->source,
    .target = *target,
    .has_source = delta->has_source,
    .knows_costs = delta->knows_costs,
    .download_bytes = delta->download_bytes,
    .encode_seconds = delta->encode_seconds,
    .encode_bytes = delta->encode_bytes,
  };
  g_ptr_array_add (publisher->result->deltas, published);
}

gboolean
varve_publisher_add (VarvePublisher *publisher, VarvePublishedState state, const VarveReference *place, GError **error)
{
  VarveBlobs *blobs = varve_open_layout (place, error);
  g_autoptr (VarveDelta) delta = blobs != NULL ? varve_delta_open (blobs, place->ref, error) : NULL;
  if (delta == NULL)
    return FALSE;
  g_autoptr (VarveReference) exact = varve_reference_with_digest (publisher->target, &delta->descriptor->digest);
  VarvePushOptions options = { .step = VARVE_PUSH_CONTENT };
  g_auto (VarvePushResult) pushed = { 0 };
  if (!varve_push (place, exact, &options, &pushed, publisher->cancellable, error))
    return FALSE;
  const VarveDigest *target = &delta->target_descriptor->digest;
  VarveReferrersChange *change = varve_publisher_change (publisher, target);
  g_autoptr (VarveDescriptor) entry
      = varve_manifest_referrer (delta->manifest, &delta->descriptor->digest, delta->descriptor->size_bytes);
  varve_referrers_change_add (change, entry);
  if (!varve_referrers_apply (publisher->target, change, error))
    return FALSE;
  g_autoptr (VarveDeltaReferrer) referrer = varve_delta_referrer_parse (entry);
  if (referrer != NULL)
    varve_publisher_report (publisher, state, target, referrer);
  return TRUE;
}
