/* SPDX-License-Identifier: Apache-2.0 */
/* A document that two readers could interpret differently is an error. */
#include "oci/document.h"

#include <string.h>

#include "base/error.h"
#include "oci/document-keys.h"

static gboolean
check_schema_version (json_object *json, GError **error)
{
  guint64 version;
  if (!varve_json_get_size (json, "schemaVersion", &version, error))
    return FALSE;
  if (version == 2)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "schemaVersion is %" G_GUINT64_FORMAT ": expected 2",
               version);
  return FALSE;
}

static gboolean
check_media_type (json_object *json, const VarveDocumentKind *kind, GError **error)
{
  const char *media_type;
  if (!varve_json_find_string (json, "mediaType", &media_type, error))
    return FALSE;
  if (media_type == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (kind->media_types); i++)
    if (g_str_equal (media_type, kind->media_types[i]))
      return TRUE;
  g_autofree char *escaped = varve_escape (media_type);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "mediaType is '%s': expected '%s'", escaped,
               kind->media_types[0]);
  return FALSE;
}

static gboolean
check_lists (json_object *json, const VarveDocumentKind *kind, GError **error)
{
  if (json_object_object_get_ex (json, kind->foreign_list, NULL))
    {
      gboolean has_both = json_object_object_get_ex (json, kind->list, NULL);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   has_both ? "both '%s' and '%s' are present" : "'%s' is present instead of '%s'", kind->foreign_list,
                   kind->list);
      return FALSE;
    }
  json_object *list = varve_json_get_array (json, kind->list, error);
  if (list == NULL)
    return FALSE;
  gsize n = json_object_array_length (list);
  if (n <= VARVE_DOCUMENT_MAX_ENTRIES)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "'%s' has %" G_GSIZE_FORMAT " entries: the limit is %d",
               kind->list, n, VARVE_DOCUMENT_MAX_ENTRIES);
  return FALSE;
}

json_object *
varve_document_parse (GBytes *bytes, const VarveDocumentKind *kind, GError **error)
{
  g_autoptr (json_object) json = varve_json_parse (bytes, VARVE_DOCUMENT_MAX_BYTES, error);
  gboolean valid = json != NULL;
  if (valid && !json_object_is_type (json, json_type_object))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "type is %s: expected object",
                   json_type_to_name (json_object_get_type (json)));
      valid = FALSE;
    }
  if (!valid || !varve_json_check_keys (json, VARVE_DOCUMENT_KEYS, error) || !check_schema_version (json, error)
      || !check_media_type (json, kind, error) || !check_lists (json, kind, error))
    {
      g_prefix_error (error, "%s: ", kind->name);
      return NULL;
    }
  return g_steal_pointer (&json);
}

GBytes *
varve_document_to_bytes (json_object *json)
{
  char *text = varve_json_to_canonical (json);
  return g_bytes_new_take (text, strlen (text));
}
