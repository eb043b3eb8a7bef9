/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors, and the string maps of their annotations. */
#include "oci/descriptor.h"

#include <string.h>

#include "base/error.h"

enum { MEDIA_TYPE_MAX_BYTES = 255 };                                /* RFC 6838: 127 for each side of the slash */
static const guint64 BLOB_MAX_BYTES = G_GUINT64_CONSTANT (1) << 53; /* exact in every JSON reader */

static int
compare_keys (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

VarveStringMap *
varve_string_map_new (void)
{
  return g_tree_new_full (compare_keys, NULL, g_free, g_free);
}

void
varve_string_map_set (VarveStringMap *map, const char *key, const char *value)
{
  if (value != NULL)
    g_tree_replace (map, g_utf8_make_valid (key, -1), g_utf8_make_valid (value, -1));
  else
    g_tree_remove (map, key);
}

const char *
varve_string_map_get (VarveStringMap *map, const char *key)
{
  return map != NULL ? g_tree_lookup (map, key) : NULL;
}

json_object *
varve_string_map_to_json (VarveStringMap *map)
{
  json_object *json = json_object_new_object ();
  for (GTreeNode *node = g_tree_node_first (map); node != NULL; node = g_tree_node_next (node))
    varve_json_add_string (json, g_tree_node_key (node), g_tree_node_value (node));
  return json;
}

static VarveStringMap *
string_map_from_json (json_object *json, GError **error)
{
  g_autoptr (VarveStringMap) map = varve_string_map_new ();
  json_object_object_foreach (json, key, member)
  {
    (void)member;
    const char *value = varve_json_get_string (json, key, error);
    if (value == NULL)
      return NULL;
    varve_string_map_set (map, key, value);
  }
  return g_steal_pointer (&map);
}

gboolean
varve_string_map_find (json_object *object, const char *key, VarveStringMap **out_map, GError **error)
{
  json_object *json;
  if (!varve_json_find (object, key, json_type_object, &json, error))
    return FALSE;
  VarveStringMap *map = json != NULL ? string_map_from_json (json, error) : NULL;
  if (json != NULL && map == NULL)
    {
      g_prefix_error (error, "'%s': ", key);
      return FALSE;
    }
  *out_map = map;
  return TRUE;
}

VarveDescriptor *
varve_descriptor_new (const char *media_type, const VarveDigest *digest, guint64 size_bytes)
{
  VarveDescriptor *descriptor = g_new0 (VarveDescriptor, 1);
  descriptor->media_type = g_strdup (media_type);
  descriptor->digest = *digest;
  descriptor->size_bytes = size_bytes;
  return descriptor;
}

VarveDescriptor *
varve_descriptor_copy (const VarveDescriptor *descriptor)
{
  VarveDescriptor *copy = varve_descriptor_new (descriptor->media_type, &descriptor->digest, descriptor->size_bytes);
  copy->architecture = g_strdup (descriptor->architecture);
  copy->os = g_strdup (descriptor->os);
  copy->variant = g_strdup (descriptor->variant);
  copy->artifact_type = g_strdup (descriptor->artifact_type);
  if (descriptor->annotations == NULL)
    return copy;
  for (GTreeNode *node = g_tree_node_first (descriptor->annotations); node != NULL; node = g_tree_node_next (node))
    varve_descriptor_annotate (copy, g_tree_node_key (node), g_tree_node_value (node));
  return copy;
}

void
varve_descriptor_free (VarveDescriptor *descriptor)
{
  g_free (descriptor->media_type);
  g_clear_pointer (&descriptor->annotations, g_tree_unref);
  g_free (descriptor->architecture);
  g_free (descriptor->os);
  g_free (descriptor->variant);
  g_free (descriptor->artifact_type);
  g_free (descriptor);
}

void
varve_descriptor_annotate (VarveDescriptor *descriptor, const char *key, const char *value)
{
  if (descriptor->annotations == NULL)
    descriptor->annotations = varve_string_map_new ();
  varve_string_map_set (descriptor->annotations, key, value);
}

const char *
varve_descriptor_annotation (const VarveDescriptor *descriptor, const char *key)
{
  return varve_string_map_get (descriptor->annotations, key);
}

json_object *
varve_descriptor_to_json (const VarveDescriptor *descriptor)
{
  json_object *json = json_object_new_object ();
  g_autofree char *digest = varve_digest_to_string (&descriptor->digest);
  varve_json_add_string (json, "mediaType", descriptor->media_type);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_size (json, "size", descriptor->size_bytes);
  varve_json_add_string (json, "artifactType", descriptor->artifact_type);
  if (descriptor->annotations != NULL && g_tree_nnodes (descriptor->annotations) > 0)
    json_object_object_add (json, "annotations", varve_string_map_to_json (descriptor->annotations));
  if (descriptor->architecture == NULL && descriptor->os == NULL && descriptor->variant == NULL)
    return json;
  json_object *platform = json_object_new_object ();
  varve_json_add_string (platform, "architecture", descriptor->architecture);
  varve_json_add_string (platform, "os", descriptor->os);
  varve_json_add_string (platform, "variant", descriptor->variant);
  json_object_object_add (json, "platform", platform);
  return json;
}

static gboolean
check_media_type_syntax (const char *media_type, GError **error)
{
  gsize length = strlen (media_type);
  gboolean valid = length <= MEDIA_TYPE_MAX_BYTES && strchr (media_type, '/') != NULL;
  for (gsize i = 0; valid && i < length; i++)
    valid = g_ascii_isgraph (media_type[i]);
  if (valid)
    return TRUE;
  g_autofree char *escaped = varve_escape (media_type);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s' is not a media type", escaped);
  return FALSE;
}

static gboolean
check_no_urls (json_object *json, GError **error)
{
  json_object *urls;
  if (!varve_json_find (json, "urls", json_type_array, &urls, error))
    return FALSE;
  if (urls == NULL || json_object_array_length (urls) == 0)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "'urls' is set: blobs outside the repository are not supported");
  return FALSE;
}

static gboolean
read_platform (VarveDescriptor *descriptor, json_object *json, GError **error)
{
  json_object *platform;
  if (!varve_json_find (json, "platform", json_type_object, &platform, error))
    return FALSE;
  if (platform == NULL)
    return TRUE;
  const char *architecture, *os, *variant;
  if (!varve_json_find_string (platform, "architecture", &architecture, error)
      || !varve_json_find_string (platform, "os", &os, error)
      || !varve_json_find_string (platform, "variant", &variant, error))
    {
      g_prefix_error (error, "'platform': ");
      return FALSE;
    }
  descriptor->architecture = g_strdup (architecture);
  descriptor->os = g_strdup (os);
  descriptor->variant = g_strdup (variant);
  return TRUE;
}

VarveDescriptor *
varve_descriptor_from_json (json_object *json, GError **error)
{
  if (!json_object_is_type (json, json_type_object))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "descriptor: type is %s: expected object",
                   json_type_to_name (json_object_get_type (json)));
      return NULL;
    }
  const char *media_type = varve_json_get_string (json, "mediaType", error);
  if (media_type == NULL || !check_media_type_syntax (media_type, error))
    return NULL;
  const char *digest_text = varve_json_get_string (json, "digest", error);
  VarveDigest digest;
  if (digest_text == NULL || !varve_digest_from_string (digest_text, &digest, error))
    return NULL;
  guint64 size_bytes;
  if (!varve_json_get_size (json, "size", &size_bytes, error))
    return NULL;
  if (size_bytes > BLOB_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "'size' is %" G_GUINT64_FORMAT ": the limit is %" G_GUINT64_FORMAT, size_bytes, BLOB_MAX_BYTES);
      return NULL;
    }
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new (media_type, &digest, size_bytes);
  const char *artifact_type;
  if (!check_no_urls (json, error) || !read_platform (descriptor, json, error)
      || !varve_json_find_string (json, "artifactType", &artifact_type, error)
      || !varve_string_map_find (json, "annotations", &descriptor->annotations, error))
    return NULL;
  descriptor->artifact_type = g_strdup (artifact_type);
  return g_steal_pointer (&descriptor);
}
