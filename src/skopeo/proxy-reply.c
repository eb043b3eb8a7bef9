/* SPDX-License-Identifier: Apache-2.0 */
/* Parsed strictly: skopeo passes on what a registry sent, and a wrong pipe or number would lead to a wrong image. */
#include "skopeo/proxy-reply.h"

#include "base/error.h"
#include "base/json-keys.h"

enum {
  VERSION_MAJOR = 0,
  VERSION_MINOR = 2,
  VERSION_PATCH_MIN = 3, /* semver: 0.3 may break what 0.2 promises */
  VERSION_PATCH_POLICY = 6,
  VERSION_PARTS = 3,
};

static const VarveJsonKey REPLY_KEYS[] = { { "success", NULL }, { "value", NULL },      { "pipeid", NULL },
                                           { "error", NULL },   { "error_code", NULL }, { NULL, NULL } };

static gboolean
reply_read_success (json_object *json, VarveProxyReply *reply, GError **error)
{
  json_object *success;
  if (!varve_json_find (json, "success", json_type_boolean, &success, error))
    return FALSE;
  reply->success = success != NULL && json_object_get_boolean (success);
  if (success == NULL)
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'success' is missing");
  return success != NULL;
}

static gboolean
reply_read_pipe_id (json_object *json, VarveProxyReply *reply, GError **error)
{
  guint64 number = 0;
  if (json_object_object_get_ex (json, "pipeid", NULL) && !varve_json_get_size (json, "pipeid", &number, error))
    return FALSE;
  if (number > G_MAXUINT32)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "'pipeid' is %" G_GUINT64_FORMAT ": expected at most 32 bits", number);
      return FALSE;
    }
  reply->pipe_id = (guint32)number;
  return TRUE;
}

static gboolean
reply_read_members (json_object *json, VarveProxyReply *reply, GError **error)
{
  const char *message;
  if (!json_object_is_type (json, json_type_object))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "found type %s: expected object",
                   json_type_to_name (json_object_get_type (json)));
      return FALSE;
    }
  if (!reply_read_success (json, reply, error) || !reply_read_pipe_id (json, reply, error)
      || !varve_json_find_string (json, "error", &message, error))
    return FALSE;
  json_object *value;
  if (json_object_object_get_ex (json, "value", &value))
    reply->value = json_object_get (value);
  if (!reply->success)
    reply->message = g_strdup (message != NULL ? message : "");
  return TRUE;
}

VarveProxyReply *
varve_proxy_reply_parse (GBytes *packet, GError **error)
{
  g_autoptr (json_object) json = varve_json_parse (packet, VARVE_PROXY_MESSAGE_MAX_BYTES, error);
  g_autoptr (VarveProxyReply) reply = g_new0 (VarveProxyReply, 1);
  if (json != NULL && varve_json_check_keys (json, REPLY_KEYS, error) && reply_read_members (json, reply, error))
    return g_steal_pointer (&reply);
  g_prefix_error (error, "reply of the proxy: ");
  return NULL;
}

void
varve_proxy_reply_free (VarveProxyReply *reply)
{
  json_object_put (reply->value);
  g_free (reply->message);
  g_free (reply);
}

static gboolean
reply_check_type (const VarveProxyReply *reply, json_type type, GError **error)
{
  json_type found = json_object_get_type (reply->value);
  if (found == type)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "reply of the proxy: 'value' is of type %s: expected %s",
               json_type_to_name (found), json_type_to_name (type));
  return FALSE;
}

const char *
varve_proxy_reply_string (const VarveProxyReply *reply, GError **error)
{
  return reply_check_type (reply, json_type_string, error) ? json_object_get_string (reply->value) : NULL;
}

gboolean
varve_proxy_reply_number (const VarveProxyReply *reply, gint64 *out_number, GError **error)
{
  if (!reply_check_type (reply, json_type_int, error))
    return FALSE;
  *out_number = json_object_get_int64 (reply->value);
  return TRUE;
}

static gboolean
protocol_is_at_least (const char *version, guint patch)
{
  g_auto (GStrv) parts = g_strsplit (version, ".", VERSION_PARTS + 1);
  guint64 numbers[VERSION_PARTS];
  gboolean valid = g_strv_length (parts) == VERSION_PARTS;
  for (guint i = 0; valid && i < VERSION_PARTS; i++)
    valid = g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXUINT16, &numbers[i], NULL);
  return valid && numbers[0] == VERSION_MAJOR && numbers[1] == VERSION_MINOR && numbers[2] >= patch;
}

gboolean
varve_proxy_enforces_policy (const char *version)
{
  return protocol_is_at_least (version, VERSION_PATCH_POLICY);
}

gboolean
varve_proxy_check_policy (const char *version, GError **error)
{
  if (varve_proxy_enforces_policy (version))
    return TRUE;
  g_autofree char *escaped = varve_escape (version);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "the image must be signed, but this skopeo does not enforce policy.json when an image is read in place: "
               "install a newer one (proxy protocol version '%s': expected %d.%d.%d or later)",
               escaped, VERSION_MAJOR, VERSION_MINOR, VERSION_PATCH_POLICY);
  return FALSE;
}

gboolean
varve_proxy_check_version (const char *version, GError **error)
{
  if (protocol_is_at_least (version, VERSION_PATCH_MIN))
    return TRUE;
  g_autofree char *escaped = varve_escape (version);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "proxy protocol version '%s': expected %d.%d.%d or a later %d.%d", escaped, VERSION_MAJOR, VERSION_MINOR,
               VERSION_PATCH_MIN, VERSION_MAJOR, VERSION_MINOR);
  return FALSE;
}
