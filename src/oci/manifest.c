/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/manifest.h"

#include "base/error.h"

static const VarveDocumentKind MANIFEST = {
  .name = "manifest",
  .media_types = { VARVE_MEDIA_TYPE_MANIFEST, VARVE_MEDIA_TYPE_MANIFEST_DOCKER },
  .list = "layers",
  .foreign_list = "manifests",
};

VarveManifest *
varve_manifest_new (void)
{
  VarveManifest *manifest = g_new0 (VarveManifest, 1);
  manifest->layers = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_descriptor_free);
  return manifest;
}

void
varve_manifest_free (VarveManifest *manifest)
{
  g_clear_pointer (&manifest->config, varve_descriptor_free);
  g_ptr_array_unref (manifest->layers);
  g_clear_pointer (&manifest->annotations, g_tree_unref);
  g_clear_pointer (&manifest->subject, varve_descriptor_free);
  g_free (manifest->artifact_type);
  g_free (manifest);
}

const VarveDescriptor *
varve_manifest_layer (const VarveManifest *manifest, guint index)
{
  g_return_val_if_fail (index < manifest->layers->len, NULL);
  return manifest->layers->pdata[index];
}

void
varve_manifest_annotate (VarveManifest *manifest, const char *key, const char *value)
{
  if (manifest->annotations == NULL)
    manifest->annotations = varve_string_map_new ();
  varve_string_map_set (manifest->annotations, key, value);
}

VarveDescriptor *
varve_manifest_referrer (const VarveManifest *manifest, const VarveDigest *digest, guint64 size_bytes)
{
  VarveDescriptor *entry = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, digest, size_bytes);
  entry->artifact_type = g_strdup (manifest->artifact_type);
  entry->annotations = manifest->annotations != NULL ? g_tree_ref (manifest->annotations) : NULL;
  return entry;
}

GBytes *
varve_manifest_to_bytes (const VarveManifest *manifest)
{
  g_return_val_if_fail (manifest->config != NULL, NULL);
  g_autoptr (json_object) json = json_object_new_object ();
  varve_json_add_size (json, "schemaVersion", 2);
  varve_json_add_string (json, "mediaType", VARVE_MEDIA_TYPE_MANIFEST);
  varve_json_add_string (json, "artifactType", manifest->artifact_type);
  json_object_object_add (json, "config", varve_descriptor_to_json (manifest->config));
  json_object *layers = json_object_new_array ();
  for (guint i = 0; i < manifest->layers->len; i++)
    json_object_array_add (layers, varve_descriptor_to_json (varve_manifest_layer (manifest, i)));
  json_object_object_add (json, "layers", layers);
  if (manifest->annotations != NULL)
    json_object_object_add (json, "annotations", varve_string_map_to_json (manifest->annotations));
  if (manifest->subject != NULL)
    json_object_object_add (json, "subject", varve_descriptor_to_json (manifest->subject));
  return varve_document_to_bytes (json);
}

static gboolean
read_layers (VarveManifest *manifest, json_object *layers, GError **error)
{
  for (gsize i = 0; i < json_object_array_length (layers); i++)
    {
      VarveDescriptor *layer = varve_descriptor_from_json (json_object_array_get_idx (layers, i), error);
      if (layer == NULL)
        {
          g_prefix_error (error, "layer %" G_GSIZE_FORMAT ": ", i);
          return FALSE;
        }
      g_ptr_array_add (manifest->layers, layer);
    }
  return TRUE;
}

static gboolean
read_members (VarveManifest *manifest, json_object *json, GError **error)
{
  json_object *config = varve_json_get_object (json, "config", error);
  if (config == NULL)
    return FALSE;
  manifest->config = varve_descriptor_from_json (config, error);
  if (manifest->config == NULL)
    {
      g_prefix_error (error, "config: ");
      return FALSE;
    }
  const char *artifact_type;
  json_object *subject;
  if (!varve_json_find_string (json, "artifactType", &artifact_type, error)
      || !varve_json_find (json, "subject", json_type_object, &subject, error))
    return FALSE;
  manifest->artifact_type = g_strdup (artifact_type);
  manifest->subject = subject != NULL ? varve_descriptor_from_json (subject, error) : NULL;
  if (subject != NULL && manifest->subject == NULL)
    {
      g_prefix_error (error, "subject: ");
      return FALSE;
    }
  return read_layers (manifest, varve_json_get_array (json, "layers", NULL), error)
         && varve_string_map_find (json, "annotations", &manifest->annotations, error);
}

VarveManifest *
varve_manifest_from_bytes (GBytes *bytes, GError **error)
{
  g_autoptr (json_object) json = varve_document_parse (bytes, &MANIFEST, error);
  if (json == NULL)
    return NULL;
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  if (!read_members (manifest, json, error))
    {
      g_prefix_error (error, "manifest: ");
      return NULL;
    }
  return g_steal_pointer (&manifest);
}
