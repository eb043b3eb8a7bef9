/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/retention.h"

#include "base/error.h"
#include "oci/predecessors.h"
#include "skopeo/delete.h"

/* What a registry refuses is reported, and does not end the run. */
static gboolean
delete_delta (VarvePublisher *publisher, const VarveDigest *target, const VarveDigest *digest, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (VarveReference) reference = varve_publisher_reference (publisher, digest);
  if (!varve_delete_manifest (reference, &failure)
      && g_cancellable_set_error_if_cancelled (publisher->cancellable, error))
    return FALSE;
  VarveRemovedDelta *removed = g_new0 (VarveRemovedDelta, 1);
  *removed = (VarveRemovedDelta){ .digest = *digest, .target = *target };
  if (failure != NULL && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    removed->problem = g_strdup (failure->message);
  g_ptr_array_add (publisher->result->removed, removed);
  return TRUE;
}

static gboolean
remove_deltas_to (VarvePublisher *publisher, const VarveDigest *target, GError **error)
{
  g_autoptr (GPtrArray) deltas = varve_delta_referrers_list (publisher->target, target, error);
  if (deltas == NULL)
    return FALSE;
  if (deltas->len == 0)
    return TRUE;
  VarveReferrersChange *change = varve_publisher_change (publisher, target);
  for (guint i = 0; i < deltas->len; i++)
    varve_referrers_change_remove (change, &((const VarveDeltaReferrer *)deltas->pdata[i])->descriptor->digest);
  if (!varve_referrers_apply (publisher->target, change, error))
    return FALSE;
  for (guint i = 0; i < deltas->len; i++)
    if (!delete_delta (publisher, target, &((const VarveDeltaReferrer *)deltas->pdata[i])->descriptor->digest, error))
      return FALSE;
  return TRUE;
}

gboolean
varve_retention_apply (VarvePublisher *publisher, const GPtrArray *earlier, GError **error)
{
  for (guint i = MAX (publisher->options->keep, 1) - 1; i < earlier->len; i++)
    if (!remove_deltas_to (publisher, &((const VarvePredecessor *)earlier->pdata[i])->digest, error))
      return FALSE;
  return TRUE;
}
