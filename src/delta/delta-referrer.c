/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/delta-referrer.h"

#include "transport/referrers.h"

void
varve_delta_referrer_free (VarveDeltaReferrer *referrer)
{
  varve_descriptor_free (referrer->descriptor);
  g_free (referrer);
}

static gboolean
entry_digest (const VarveDescriptor *entry, const char *key, VarveDigest *out_digest)
{
  const char *text = varve_descriptor_annotation (entry, key);
  return text != NULL && varve_digest_from_string (text, out_digest, NULL);
}

static gboolean
entry_number (const VarveDescriptor *entry, const char *key, guint64 *out_number)
{
  const char *text = varve_descriptor_annotation (entry, key);
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, out_number, NULL);
}

/* A list that an old skopeo wrote has no artifact types, and some registries name the type of the config instead. Only
 * deltas have the annotation that is asked for besides, and whoever opens one sees its manifest. */
static gboolean
may_be_delta (const VarveDescriptor *entry)
{
  return entry->artifact_type == NULL || g_str_equal (entry->artifact_type, VARVE_DELTA_ARTIFACT_TYPE)
         || g_str_equal (entry->artifact_type, VARVE_MEDIA_TYPE_EMPTY);
}

VarveDeltaReferrer *
varve_delta_referrer_parse (const VarveDescriptor *entry)
{
  VarveDeltaReferrer found = { 0 };
  if (!may_be_delta (entry) || !entry_digest (entry, VARVE_DELTA_SOURCE_CONFIG, &found.source_config))
    return NULL;
  found.has_source = entry_digest (entry, VARVE_DELTA_SOURCE, &found.source);
  guint64 blobs_bytes = 0;
  found.knows_costs = entry_number (entry, VARVE_DELTA_DOWNLOAD, &blobs_bytes)
                      && entry_number (entry, VARVE_DELTA_SECONDS, &found.encode_seconds)
                      && entry_number (entry, VARVE_DELTA_MEMORY, &found.encode_bytes);
  found.download_bytes = blobs_bytes + entry->size_bytes;
  found.descriptor = varve_descriptor_copy (entry);
  return g_memdup2 (&found, sizeof found);
}

GPtrArray *
varve_delta_referrers_list (const VarveReference *repository, const VarveDigest *target, GError **error)
{
  g_autoptr (VarveIndex) index = varve_referrers_read (repository, target, error);
  if (index == NULL)
    return NULL;
  GPtrArray *deltas = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_delta_referrer_free);
  for (guint i = 0; i < index->manifests->len; i++)
    {
      VarveDeltaReferrer *delta = varve_delta_referrer_parse (varve_index_entry (index, i));
      if (delta != NULL)
        g_ptr_array_add (deltas, delta);
    }
  return deltas;
}
