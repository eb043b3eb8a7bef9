/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/stale.h"

#include "base/error.h"
#include "base/rfc3339.h"
#include "model/image-keys.h"

static gboolean
parse_number (const VarveDescriptor *layer, const char *key, guint64 *out_number, GError **error)
{
  const char *text = varve_descriptor_annotation (layer, key);
  *out_number = 0;
  if (text == NULL || g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, out_number, NULL))
    return TRUE;
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "annotation '%s' is '%s': expected a number", key, escaped);
  return FALSE;
}

gboolean
varve_stale_declared (const VarveDescriptor *layer, VarveStale *out_stale, GError **error)
{
  return parse_number (layer, VARVE_ANNOTATION_STALE_OBJECTS, &out_stale->n_objects, error)
         && parse_number (layer, VARVE_ANNOTATION_STALE_BYTES, &out_stale->size_bytes, error);
}

gboolean
varve_stale_is_declared (const VarveDescriptor *layer)
{
  VarveStale declared;
  return !varve_stale_declared (layer, &declared, NULL) || declared.n_objects > 0 || declared.size_bytes > 0;
}

gboolean
varve_stale_is_whiteouts (const VarveManifest *manifest, guint layer)
{
  const char *components
      = varve_descriptor_annotation (varve_manifest_layer (manifest, layer), VARVE_ANNOTATION_COMPONENTS);
  return layer > 0 && layer + 1 == manifest->layers->len && g_strcmp0 (components, "") == 0;
}

VarveStaleTotal
varve_stale_total (const VarveManifest *manifest, const VarveLedger *ledger)
{
  VarveStaleTotal total = {
    .live_bytes = ledger != NULL ? varve_ledger_raw_bytes (ledger) : 0,
    .since = VARVE_STALE_SINCE_UNKNOWN,
  };
  for (guint i = 0; ledger != NULL && i < ledger->layers->len; i++)
    total.since = MIN (total.since, varve_stale_objects_since (varve_ledger_layer (ledger, i)->stale));
  for (guint i = 0; i < manifest->layers->len; i++)
    {
      VarveStale stale;
      if (!varve_stale_declared (varve_manifest_layer (manifest, i), &stale, NULL) || stale.n_objects == 0)
        continue;
      total.n_objects += stale.n_objects;
      total.size_bytes += stale.size_bytes;
      total.n_layers++;
    }
  return total;
}

double
varve_stale_share (const VarveStaleTotal *total)
{
  return total->live_bytes > 0 ? (double)total->size_bytes / ((double)total->size_bytes + (double)total->live_bytes)
                               : 0;
}

void
varve_stale_since_to_json (json_object *json, gint64 since)
{
  g_autofree char *text = since != VARVE_STALE_SINCE_UNKNOWN ? varve_rfc3339_format (since) : NULL;
  varve_json_add_string (json, "stale_since", text);
}

void
varve_stale_check (const VarveLayerRecord *record, const VarveDescriptor *layer, GHashTable *live,
                   VarveFindings *findings)
{
  g_autoptr (GError) error = NULL;
  VarveStale declared, found = { 0 };
  for (guint i = 0; i < record->objects->len; i++)
    {
      const VarveLayerObject *object = &g_array_index (record->objects, VarveLayerObject, i);
      if (g_hash_table_contains (live, &object->checksum))
        continue;
      found.n_objects++;
      found.size_bytes += object->size_bytes;
    }
  if (!varve_stale_declared (layer, &declared, &error))
    varve_findings_add (findings, VARVE_SEVERITY_ERROR, "layer.stale", record->place, "%s", error->message);
  else if (declared.n_objects != found.n_objects || declared.size_bytes != found.size_bytes)
    varve_findings_add (findings, VARVE_SEVERITY_ERROR, "layer.stale", record->place,
                        "%" G_GUINT64_FORMAT " objects with %" G_GUINT64_FORMAT
                        " bytes are stale, the manifest declares %" G_GUINT64_FORMAT " with %" G_GUINT64_FORMAT,
                        found.n_objects, found.size_bytes, declared.n_objects, declared.size_bytes);
}
