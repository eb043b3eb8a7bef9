/* Where it is looked for, and what is looked at, is ostree-ext's container/skopeo.rs. */
#include "transport/signed-policy.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/json.h"
#include "base/tempfile.h"

static const gsize POLICY_MAX_BYTES = 4 << 20;

gboolean
varve_signed_policy_check_text (GBytes *text, GError **error)
{
  json_object *list;
  const char *type = NULL;
  g_autoptr (json_object) policy = varve_json_parse (text, POLICY_MAX_BYTES, error);
  if (policy == NULL || !varve_json_find (policy, "default", json_type_array, &list, error))
    return FALSE;
  json_object *only = list != NULL && json_object_array_length (list) == 1 ? json_object_array_get_idx (list, 0) : NULL;
  if (only != NULL && !varve_json_find_string (only, "type", &type, error))
    return FALSE;
  if (g_strcmp0 (type, "insecureAcceptAnything") != 0)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "its default is 'insecureAcceptAnything', but the host's image must be signed");
  return FALSE;
}

static char *
find_policy (void)
{
  const char *named = g_getenv ("CONTAINERS_POLICY_JSON");
  if (named != NULL)
    return g_strdup (named);
  const char *const PLACES[] = { g_get_user_config_dir (), "/etc", "/usr/share" };
  for (guint i = 0; i < G_N_ELEMENTS (PLACES); i++)
    {
      g_autofree char *path = g_build_filename (PLACES[i], "containers", "policy.json", NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}

gboolean
varve_signed_policy_check (GError **error)
{
  g_autofree char *path = find_policy ();
  if (path == NULL)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "the host's image must be signed, and there is no containers-policy.json");
      return FALSE;
    }
  g_autoptr (GBytes) text = varve_read_file (AT_FDCWD, path, POLICY_MAX_BYTES, error);
  if (text != NULL && varve_signed_policy_check_text (text, error))
    return TRUE;
  g_autofree char *escaped = varve_escape (path);
  g_prefix_error (error, "policy '%s': ", escaped);
  return FALSE;
}
