/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for policy.json where skopeo does. */
#include "skopeo/signature-policy.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

enum { POLICY_MAX_BYTES = 1024 * 1024 };

#define ACCEPT_ANYTHING "insecureAcceptAnything"

/* Each requirement, at any depth, has a "type". */
static gboolean
policy_accepts_all (json_object *json)
{
  if (json_object_is_type (json, json_type_array))
    for (gsize i = 0; i < json_object_array_length (json); i++)
      if (!policy_accepts_all (json_object_array_get_idx (json, i)))
        return FALSE;
  if (!json_object_is_type (json, json_type_object))
    return TRUE;
  json_object_object_foreach (json, key, member)
  {
    gboolean is_type = strcmp (key, "type") == 0 && json_object_is_type (member, json_type_string);
    if (is_type ? strcmp (json_object_get_string (member), ACCEPT_ANYTHING) != 0 : !policy_accepts_all (member))
      return FALSE;
  }
  return TRUE;
}

static json_object *
policy_parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  return varve_json_parse (bytes, POLICY_MAX_BYTES, error);
}

gboolean
varve_signature_policy_text_accepts_all (const char *text)
{
  g_autoptr (json_object) json = policy_parse (text, NULL);
  return json != NULL && policy_accepts_all (json);
}

/* NULL when there is none. The caller owns both strings. */
static char *
policy_load (char **out_path)
{
  g_autofree char *own = g_build_filename (g_get_home_dir (), ".config", "containers", "policy.json", NULL);
  const char *const places[] = { own, "/etc/containers/policy.json", "/usr/share/containers/policy.json" };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      char *text;
      if (!g_file_get_contents (places[i], &text, NULL, NULL))
        continue;
      *out_path = g_strdup (places[i]);
      return text;
    }
  return NULL;
}

gboolean
varve_signature_policy_accepts_all (void)
{
  g_autofree char *path = NULL, *text = policy_load (&path);
  return text == NULL || varve_signature_policy_text_accepts_all (text);
}

gboolean
varve_signature_policy_text_check_default (const char *text, GError **error)
{
  g_autoptr (json_object) json = policy_parse (text, error);
  json_object *requirements = NULL;
  if (json == NULL)
    return FALSE;
  if (!json_object_is_type (json, json_type_object) || !json_object_object_get_ex (json, "default", &requirements)
      || !json_object_is_type (requirements, json_type_array) || json_object_array_length (requirements) == 0)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'default' is not a list of requirements");
  else if (policy_accepts_all (requirements))
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                 "the default is '" ACCEPT_ANYTHING "', but the image must be signed: "
                 "set the default to 'reject', and add an entry for the image's repository");
  else
    return TRUE;
  return FALSE;
}

gboolean
varve_signature_policy_check_default (GError **error)
{
  g_autofree char *path = NULL, *text = policy_load (&path);
  if (text == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND,
                   "no containers-policy.json found, but the image must be signed: "
                   "create /etc/containers/policy.json");
      return FALSE;
    }
  if (varve_signature_policy_text_check_default (text, error))
    return TRUE;
  g_autofree char *escaped = varve_escape (path);
  g_prefix_error (error, "'%s': ", escaped);
  return FALSE;
}
