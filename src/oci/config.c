/* SPDX-License-Identifier: Apache-2.0 */
/* Unknown members are kept, since the config of a base image may have more than we write. */
#include "oci/config.h"

#include "base/error.h"
#include "oci/document-keys.h"
#include "oci/document.h"

enum { HISTORY_MAX = 4096 }; /* more than layers: a build step without a layer adds an entry too */

static const char *const KNOWN_MEMBERS[] = {
  "architecture", "config", "created", "history", "os", "rootfs", "variant", NULL,
};

static void
history_free (gpointer data)
{
  VarveHistory *history = data;
  g_free (history->created);
  g_free (history->created_by);
  g_free (history->comment);
  g_free (history);
}

static VarveConfig *
config_new_empty (void)
{
  VarveConfig *config = g_new0 (VarveConfig, 1);
  config->diff_ids = g_array_new (FALSE, FALSE, sizeof (VarveDigest));
  config->history = g_ptr_array_new_with_free_func (history_free);
  config->other = json_object_new_object ();
  return config;
}

VarveConfig *
varve_config_new (const char *architecture)
{
  VarveConfig *config = config_new_empty ();
  config->architecture = g_strdup (architecture);
  config->os = g_strdup ("linux");
  config->config = json_object_new_object ();
  return config;
}

void
varve_config_free (VarveConfig *config)
{
  g_free (config->architecture);
  g_free (config->os);
  g_free (config->variant);
  g_free (config->created);
  g_array_unref (config->diff_ids);
  g_ptr_array_unref (config->history);
  json_object_put (config->config);
  json_object_put (config->other);
  g_free (config);
}

const VarveDigest *
varve_config_diff_id (const VarveConfig *config, guint index)
{
  g_return_val_if_fail (index < config->diff_ids->len, NULL);
  return &g_array_index (config->diff_ids, VarveDigest, index);
}

const VarveHistory *
varve_config_history (const VarveConfig *config, guint index)
{
  g_return_val_if_fail (index < config->history->len, NULL);
  return config->history->pdata[index];
}

static char *
valid_text (const char *text)
{
  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

void
varve_config_add_layer (VarveConfig *config, const VarveDigest *diff_id, const char *created, const char *created_by)
{
  g_array_append_vals (config->diff_ids, diff_id, 1);
  VarveHistory *history = g_new0 (VarveHistory, 1);
  history->created = valid_text (created);
  history->created_by = valid_text (created_by);
  g_ptr_array_add (config->history, history);
}

const char *
varve_config_label (const VarveConfig *config, const char *key)
{
  json_object *labels, *value;
  if (!json_object_object_get_ex (config->config, "Labels", &labels)
      || !json_object_object_get_ex (labels, key, &value))
    return NULL;
  return json_object_get_string (value);
}

void
varve_config_set_label (VarveConfig *config, const char *key, const char *value)
{
  json_object *labels;
  if (!json_object_object_get_ex (config->config, "Labels", &labels) || labels == NULL)
    {
      if (value == NULL)
        return;
      labels = json_object_new_object ();
      json_object_object_add (config->config, "Labels", labels);
    }
  g_autofree char *valid_key = valid_text (key);
  g_autofree char *valid_value = valid_text (value);
  if (valid_value != NULL)
    varve_json_add_string (labels, valid_key, valid_value);
  else
    json_object_object_del (labels, valid_key);
}

static json_object *
rootfs_to_json (const VarveConfig *config)
{
  json_object *diff_ids = json_object_new_array ();
  for (guint i = 0; i < config->diff_ids->len; i++)
    {
      g_autofree char *text = varve_digest_to_string (varve_config_diff_id (config, i));
      json_object_array_add (diff_ids, json_object_new_string (text));
    }
  json_object *rootfs = json_object_new_object ();
  varve_json_add_string (rootfs, "type", "layers");
  json_object_object_add (rootfs, "diff_ids", diff_ids);
  return rootfs;
}

static json_object *
history_to_json (const VarveConfig *config)
{
  json_object *list = json_object_new_array ();
  for (guint i = 0; i < config->history->len; i++)
    {
      const VarveHistory *history = varve_config_history (config, i);
      json_object *json = json_object_new_object ();
      varve_json_add_string (json, "created", history->created);
      varve_json_add_string (json, "created_by", history->created_by);
      varve_json_add_string (json, "comment", history->comment);
      if (history->empty_layer)
        json_object_object_add (json, "empty_layer", json_object_new_boolean (TRUE));
      json_object_array_add (list, json);
    }
  return list;
}

GBytes *
varve_config_to_bytes (const VarveConfig *config)
{
  g_autoptr (json_object) json = json_object_new_object ();
  json_object_object_foreach (config->other, key, member) json_object_object_add (json, key, json_object_get (member));
  varve_json_add_string (json, "architecture", config->architecture);
  varve_json_add_string (json, "os", config->os);
  varve_json_add_string (json, "variant", config->variant);
  varve_json_add_string (json, "created", config->created);
  json_object_object_add (json, "config", json_object_get (config->config));
  json_object_object_add (json, "rootfs", rootfs_to_json (config));
  if (config->history->len > 0)
    json_object_object_add (json, "history", history_to_json (config));
  return varve_document_to_bytes (json);
}

static gboolean
read_rootfs (VarveConfig *config, json_object *json, GError **error)
{
  json_object *rootfs = varve_json_get_object (json, "rootfs", error);
  const char *type = rootfs != NULL ? varve_json_get_string (rootfs, "type", error) : NULL;
  json_object *diff_ids = type != NULL ? varve_json_get_array (rootfs, "diff_ids", error) : NULL;
  if (diff_ids == NULL)
    return FALSE;
  if (!g_str_equal (type, "layers"))
    {
      g_autofree char *escaped = varve_escape (type);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "'rootfs': 'type' is '%s': expected 'layers'", escaped);
      return FALSE;
    }
  gsize n = json_object_array_length (diff_ids);
  if (n > VARVE_DOCUMENT_MAX_ENTRIES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "'diff_ids' has %" G_GSIZE_FORMAT " entries: the limit is %d",
                   n, VARVE_DOCUMENT_MAX_ENTRIES);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    {
      json_object *text = json_object_array_get_idx (diff_ids, i);
      VarveDigest diff_id;
      /* the C string of a JSON string with a NUL is too short to be a digest */
      if (!varve_digest_from_string (json_object_is_type (text, json_type_string) ? json_object_get_string (text) : "",
                                     &diff_id, error))
        {
          g_prefix_error (error, "diff ID %" G_GSIZE_FORMAT ": ", i);
          return FALSE;
        }
      g_array_append_val (config->diff_ids, diff_id);
    }
  return TRUE;
}

static gboolean
read_history_entry (VarveConfig *config, json_object *json, GError **error)
{
  if (!json_object_is_type (json, json_type_object))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "type is %s: expected object",
                   json_type_to_name (json_object_get_type (json)));
      return FALSE;
    }
  const char *created, *created_by, *comment;
  json_object *empty_layer;
  if (!varve_json_find_string (json, "created", &created, error)
      || !varve_json_find_string (json, "created_by", &created_by, error)
      || !varve_json_find_string (json, "comment", &comment, error)
      || !varve_json_find (json, "empty_layer", json_type_boolean, &empty_layer, error))
    return FALSE;
  VarveHistory *history = g_new0 (VarveHistory, 1);
  history->created = g_strdup (created);
  history->created_by = g_strdup (created_by);
  history->comment = g_strdup (comment);
  history->empty_layer = empty_layer != NULL && json_object_get_boolean (empty_layer);
  g_ptr_array_add (config->history, history);
  return TRUE;
}

static gboolean
read_history (VarveConfig *config, json_object *json, GError **error)
{
  json_object *list;
  if (!varve_json_find (json, "history", json_type_array, &list, error))
    return FALSE;
  gsize n = list != NULL ? json_object_array_length (list) : 0;
  if (n > HISTORY_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "'history' has %" G_GSIZE_FORMAT " entries: the limit is %d",
                   n, HISTORY_MAX);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    if (!read_history_entry (config, json_object_array_get_idx (list, i), error))
      {
        g_prefix_error (error, "history %" G_GSIZE_FORMAT ": ", i);
        return FALSE;
      }
  return TRUE;
}

gboolean
varve_config_check_labels (json_object *json, GError **error)
{
  json_object *labels;
  if (!varve_json_find (json, "Labels", json_type_object, &labels, error))
    return FALSE;
  if (labels == NULL)
    return TRUE;
  json_object_object_foreach (labels, key, member)
  {
    (void)member;
    if (varve_json_get_string (labels, key, error) == NULL)
      {
        g_prefix_error (error, "'Labels': ");
        return FALSE;
      }
  }
  return TRUE;
}

static gboolean
read_members (VarveConfig *config, json_object *json, GError **error)
{
  const char *architecture = varve_json_get_string (json, "architecture", error);
  const char *os = architecture != NULL ? varve_json_get_string (json, "os", error) : NULL;
  const char *variant, *created;
  json_object *inner;
  if (os == NULL || !varve_json_find_string (json, "variant", &variant, error)
      || !varve_json_find_string (json, "created", &created, error)
      || !varve_json_find (json, "config", json_type_object, &inner, error))
    return FALSE;
  config->architecture = g_strdup (architecture);
  config->os = g_strdup (os);
  config->variant = g_strdup (variant);
  config->created = g_strdup (created);
  config->config = inner != NULL ? json_object_get (inner) : json_object_new_object ();
  json_object_object_foreach (json, key, member) if (!g_strv_contains (KNOWN_MEMBERS, key))
      json_object_object_add (config->other, key, json_object_get (member));
  return varve_config_check_labels (config->config, error) && read_rootfs (config, json, error)
         && read_history (config, json, error);
}

VarveConfig *
varve_config_from_bytes (GBytes *bytes, GError **error)
{
  g_autoptr (json_object) json = varve_json_parse (bytes, VARVE_CONFIG_MAX_BYTES, error);
  g_autoptr (VarveConfig) config = config_new_empty ();
  if (json == NULL || !varve_json_check_keys (json, VARVE_CONFIG_KEYS, error) || !read_members (config, json, error))
    {
      g_prefix_error (error, "config: ");
      return NULL;
    }
  return g_steal_pointer (&config);
}
