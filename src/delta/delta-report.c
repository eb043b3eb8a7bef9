/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/delta-report.h"

#include <string.h>

enum { COSTLIEST_MAX_BYTES = 1 << 16 };

const VarveDeltaEntry *
varve_delta_choose (const VarveDelta *delta, guint layer, VarveDeltaClient client)
{
  const VarveDeltaEntry *best = NULL;
  for (guint i = 0; i < delta->entries->len; i++)
    {
      const VarveDeltaEntry *entry = &g_array_index (delta->entries, VarveDeltaEntry, i);
      if (entry->layer != layer || (client == VARVE_DELTA_CLIENT_TARDIFF && entry->kind == VARVE_DELTA_ENTRY_VARVE))
        continue;
      if (best == NULL || entry->descriptor->size_bytes < best->descriptor->size_bytes)
        best = entry;
    }
  return best;
}

guint64
varve_delta_download_bytes (const VarveDelta *delta, VarveDeltaClient client)
{
  guint64 total
      = delta->descriptor->size_bytes + delta->target_descriptor->size_bytes + delta->target->config->size_bytes;
  for (guint i = 0; i < delta->target->layers->len; i++)
    {
      const VarveDeltaEntry *entry = varve_delta_choose (delta, i, client);
      total += entry != NULL ? entry->descriptor->size_bytes : 0;
    }
  return total;
}

static guint64
entry_number (const VarveDeltaEntry *entry, const char *key)
{
  const char *text = varve_descriptor_annotation (entry->descriptor, key);
  guint64 value;
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &value, NULL) ? value : 0;
}

double
varve_delta_encode_seconds (const VarveDelta *delta)
{
  double total = 0;
  for (guint i = 0; i < delta->target->layers->len; i++)
    {
      const VarveDeltaEntry *entry = varve_delta_choose (delta, i, VARVE_DELTA_CLIENT_VARVE);
      total += entry != NULL ? (double)entry_number (entry, VARVE_DELTA_SECONDS) : 0;
    }
  return total;
}

guint64
varve_delta_encode_bytes (const VarveDelta *delta)
{
  guint64 most = 0;
  for (guint i = 0; i < delta->target->layers->len; i++)
    {
      const VarveDeltaEntry *entry = varve_delta_choose (delta, i, VARVE_DELTA_CLIENT_VARVE);
      most = entry != NULL ? MAX (most, entry_number (entry, VARVE_DELTA_MEMORY)) : most;
    }
  return most;
}

static json_object *
entry_to_json (const VarveDeltaEntry *entry)
{
  json_object *json = json_object_new_object ();
  g_autofree char *digest = varve_digest_to_string (&entry->descriptor->digest);
  varve_json_add_string (json, "kind", varve_delta_entry_kind_to_string (entry->kind));
  varve_json_add_string (json, "digest", digest);
  varve_json_add_size (json, "size_bytes", entry->descriptor->size_bytes);
  varve_json_add_string (json, "compression", varve_descriptor_annotation (entry->descriptor, VARVE_DELTA_COMPRESSION));
  if (entry->kind == VARVE_DELTA_ENTRY_VARVE)
    {
      varve_json_add_size (json, "encode_seconds", entry_number (entry, VARVE_DELTA_SECONDS));
      varve_json_add_size (json, "encode_bytes", entry_number (entry, VARVE_DELTA_MEMORY));
    }
  const char *costliest = varve_descriptor_annotation (entry->descriptor, VARVE_DELTA_COSTLIEST);
  g_autoptr (GBytes) bytes = g_bytes_new_static (costliest, costliest != NULL ? strlen (costliest) : 0);
  json_object *list = costliest != NULL ? varve_json_parse (bytes, COSTLIEST_MAX_BYTES, NULL) : NULL;
  if (list != NULL)
    json_object_object_add (json, "costliest", list);
  return json;
}

static json_object *
layer_to_json (const VarveDelta *delta, guint layer)
{
  json_object *json = json_object_new_object (), *entries = json_object_new_array ();
  const VarveDescriptor *descriptor = varve_manifest_layer (delta->target, layer);
  g_autofree char *digest = varve_digest_to_string (&descriptor->digest);
  g_autofree char *diff_id = varve_digest_to_string (varve_config_diff_id (delta->config, layer));
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "diff_id", diff_id);
  varve_json_add_size (json, "size_bytes", descriptor->size_bytes);
  const VarveDeltaEntry *first = varve_delta_choose (delta, layer, VARVE_DELTA_CLIENT_VARVE);
  varve_json_add_string (json, "state", first == NULL ? "reused" : varve_delta_entry_kind_to_string (first->kind));
  for (guint i = 0; i < delta->entries->len; i++)
    {
      const VarveDeltaEntry *entry = &g_array_index (delta->entries, VarveDeltaEntry, i);
      if (entry->layer == layer)
        json_object_array_add (entries, entry_to_json (entry));
    }
  json_object_object_add (json, "entries", entries);
  return json;
}

json_object *
varve_delta_to_json (const VarveDelta *delta, const char *name)
{
  json_object *json = json_object_new_object (), *layers = json_object_new_array (),
              *download = json_object_new_object ();
  g_autofree char *digest = varve_digest_to_string (&delta->descriptor->digest);
  g_autofree char *target = varve_digest_to_string (&delta->target_descriptor->digest);
  guint64 layers_bytes = 0;
  varve_json_add_string (json, "delta", name);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "target", target);
  varve_json_add_string (json, "source", varve_string_map_get (delta->manifest->annotations, VARVE_DELTA_SOURCE));
  for (guint i = 0; i < delta->target->layers->len; i++)
    {
      json_object_array_add (layers, layer_to_json (delta, i));
      if (varve_delta_choose (delta, i, VARVE_DELTA_CLIENT_VARVE) != NULL)
        layers_bytes += varve_manifest_layer (delta->target, i)->size_bytes;
    }
  varve_json_add_size (download, "layers", layers_bytes);
  varve_json_add_size (download, "tar-diff", varve_delta_download_bytes (delta, VARVE_DELTA_CLIENT_TARDIFF));
  varve_json_add_size (download, "varve", varve_delta_download_bytes (delta, VARVE_DELTA_CLIENT_VARVE));
  json_object_object_add (json, "download_bytes", download);
  varve_json_add_size (json, "encode_seconds", (guint64)varve_delta_encode_seconds (delta));
  varve_json_add_size (json, "encode_bytes", varve_delta_encode_bytes (delta));
  json_object_object_add (json, "layers", layers);
  return json;
}
