/* Looks for policy.json where skopeo does. */
#include "skopeo/signature-policy.h"

#include <string.h>

#include "base/json.h"

enum { POLICY_MAX_BYTES = 1024 * 1024 };

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
    if (is_type ? strcmp (json_object_get_string (member), "insecureAcceptAnything") != 0
                : !policy_accepts_all (member))
      return FALSE;
  }
  return TRUE;
}

gboolean
varve_signature_policy_text_accepts_all (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (json_object) json = varve_json_parse (bytes, POLICY_MAX_BYTES, NULL);
  return json != NULL && policy_accepts_all (json);
}

gboolean
varve_signature_policy_accepts_all (void)
{
  g_autofree char *own = g_build_filename (g_get_home_dir (), ".config", "containers", "policy.json", NULL);
  const char *const places[] = { own, "/etc/containers/policy.json", "/usr/share/containers/policy.json" };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *text = NULL;
      if (g_file_get_contents (places[i], &text, NULL, NULL))
        return varve_signature_policy_text_accepts_all (text);
    }
  return TRUE;
}
