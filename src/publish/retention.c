/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/retention.h"

#include "base/error.h"
#include "oci/predecessors.h"
#include "skopeo/delete.h"
#include "skopeo/proxied-blobs.h"

typedef enum {
  ENTRY_IS_DELTA,
  ENTRY_IS_GONE, /* no manifest */
  ENTRY_IS_OTHER,
} EntryKind;

static gboolean
is_delta_to (GBytes *bytes, const VarveDigest *digest, const VarveDigest *target)
{
  VarveDigest found = varve_digest_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (VarveManifest) manifest = varve_manifest_from_bytes (bytes, NULL);
  return manifest != NULL && varve_digest_compare (&found, digest) == 0
         && g_strcmp0 (manifest->artifact_type, VARVE_DELTA_ARTIFACT_TYPE) == 0 && manifest->subject != NULL
         && varve_digest_compare (&manifest->subject->digest, target) == 0;
}

/* Others can write the list, and an entry can name an image: only the manifest tells. */
static gboolean
look_at_entry (const VarvePublisher *publisher, const VarveDigest *target, const VarveDigest *digest,
               EntryKind *out_kind, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (VarveReference) reference = varve_reference_with_digest (publisher->target, digest);
  g_autoptr (GBytes) bytes = varve_load_raw_manifest (reference, &failure);
  if (bytes == NULL && g_cancellable_set_error_if_cancelled (publisher->cancellable, error))
    return FALSE;
  if (bytes == NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    *out_kind = ENTRY_IS_GONE;
  else
    *out_kind = bytes != NULL && is_delta_to (bytes, digest, target) ? ENTRY_IS_DELTA : ENTRY_IS_OTHER;
  if (*out_kind == ENTRY_IS_OTHER)
    varve_observer_warn (publisher->options->create.observer, "'%s' is not deleted: %s", reference->text,
                         failure != NULL ? failure->message : "a list of referrers names it, but it is no delta");
  return TRUE;
}

static void
report (VarvePublisher *publisher, const VarveDigest *target, const VarveDigest *digest, const char *problem)
{
  VarveRemovedDelta *removed = g_new0 (VarveRemovedDelta, 1);
  *removed = (VarveRemovedDelta){ .digest = *digest, .target = *target, .problem = g_strdup (problem) };
  g_ptr_array_add (publisher->result->removed, removed);
}

/* What a registry refuses is reported, and does not end the run. */
static gboolean
delete_delta (VarvePublisher *publisher, const VarveDigest *target, const VarveDigest *digest, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (VarveReference) reference = varve_reference_with_digest (publisher->target, digest);
  if (!varve_delete_manifest (reference, &failure)
      && g_cancellable_set_error_if_cancelled (publisher->cancellable, error))
    return FALSE;
  gboolean is_problem = failure != NULL && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  report (publisher, target, digest, is_problem ? failure->message : NULL);
  return TRUE;
}

static gboolean
look_at_all (const VarvePublisher *publisher, const VarveDigest *target, const GPtrArray *deltas,
             VarveReferrersChange *change, EntryKind *kinds, GError **error)
{
  for (guint i = 0; i < deltas->len; i++)
    {
      const VarveDigest *digest = &((const VarveDeltaReferrer *)deltas->pdata[i])->descriptor->digest;
      if (!look_at_entry (publisher, target, digest, &kinds[i], error))
        return FALSE;
      if (kinds[i] != ENTRY_IS_OTHER)
        varve_referrers_change_remove (change, digest);
    }
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
  g_autofree EntryKind *kinds = g_new0 (EntryKind, deltas->len);
  if (!look_at_all (publisher, target, deltas, change, kinds, error)
      || !varve_referrers_apply (publisher->target, change, error))
    return FALSE;
  for (guint i = 0; i < deltas->len; i++)
    {
      const VarveDigest *digest = &((const VarveDeltaReferrer *)deltas->pdata[i])->descriptor->digest;
      if (kinds[i] == ENTRY_IS_GONE)
        report (publisher, target, digest, NULL);
      else if (kinds[i] == ENTRY_IS_DELTA && !delete_delta (publisher, target, digest, error))
        return FALSE;
    }
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
