/* SPDX-License-Identifier: Apache-2.0 */
/* containers-auth.json(5): where authfiles are, and which of their entries is for a repository. */
#include "skopeo/credentials.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/tempfile.h"

enum { AUTHFILE_MAX_BYTES = 1 << 20 };

void
varve_credentials_clear (VarveCredentials *credentials)
{
  g_clear_pointer (&credentials->user, g_free);
  g_clear_pointer (&credentials->password, g_free);
  g_clear_pointer (&credentials->token, g_free);
}

static void
split_pair (const char *pair, VarveCredentials *credentials)
{
  const char *colon = strchr (pair, ':');
  credentials->user = colon != NULL ? g_strndup (pair, (gsize)(colon - pair)) : g_strdup (pair);
  credentials->password = g_strdup (colon != NULL ? colon + 1 : "");
}

/* Docker writes "https://HOST/v1/" where containers-auth.json(5) has "HOST". */
static char *
normal_key (const char *key)
{
  const char *start = strstr (key, "://");
  g_autofree char *place = g_strdup (start != NULL ? start + strlen ("://") : key);
  if (start != NULL)
    place[strcspn (place, "/")] = '\0';
  return g_strdup (g_str_equal (place, "index.docker.io") ? "docker.io" : place);
}

static gboolean
is_for (const char *key, const char *repository)
{
  gsize length = strlen (key);
  return length > 0 && g_str_has_prefix (repository, key) && (repository[length] == '\0' || repository[length] == '/');
}

/* The member of @table for the repository whose key is the longest; belongs to @table. */
static json_object *
find_entry (json_object *table, const char *repository)
{
  json_object *found = NULL;
  gsize longest = 0;
  json_object_object_foreach (table, key, value)
  {
    g_autofree char *normal = normal_key (key);
    if (is_for (normal, repository) && strlen (normal) > longest)
      {
        longest = strlen (normal);
        found = value;
      }
  }
  return found;
}

static gboolean
set_unsupported (const char *what, const char *repository, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "the credentials for '%s' are %s, which only skopeo can use", repository, what);
  return FALSE;
}

static gboolean
read_entry (json_object *entry, const char *repository, VarveCredentials *credentials, GError **error)
{
  const char *auth, *identity;
  if (!json_object_is_type (entry, json_type_object))
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the entry for '%s' is not an object", repository);
      return FALSE;
    }
  if (!varve_json_find_string (entry, "auth", &auth, error)
      || !varve_json_find_string (entry, "identitytoken", &identity, error))
    return FALSE;
  if (identity != NULL && identity[0] != '\0')
    return set_unsupported ("an identity token", repository, error);
  if (auth == NULL || auth[0] == '\0')
    return TRUE;
  gsize n_bytes;
  g_autofree guchar *bytes = g_base64_decode (auth, &n_bytes);
  g_autofree char *pair = g_strndup ((const char *)bytes, n_bytes);
  split_pair (pair, credentials);
  return TRUE;
}

static gboolean
read_tables (json_object *json, const char *repository, VarveCredentials *credentials, GError **error)
{
  json_object *auths, *helpers;
  const char *store;
  if (!varve_json_find (json, "auths", json_type_object, &auths, error)
      || !varve_json_find (json, "credHelpers", json_type_object, &helpers, error)
      || !varve_json_find_string (json, "credsStore", &store, error))
    return FALSE;
  if (helpers != NULL && find_entry (helpers, repository) != NULL)
    return set_unsupported ("in a helper program", repository, error);
  json_object *entry = auths != NULL ? find_entry (auths, repository) : NULL;
  if (entry != NULL && !read_entry (entry, repository, credentials, error))
    return FALSE;
  if (entry != NULL && credentials->user == NULL && store != NULL)
    return set_unsupported ("in a helper program", repository, error);
  return TRUE;
}

gboolean
varve_credentials_parse (GBytes *authfile, const char *repository, VarveCredentials *out_credentials, GError **error)
{
  g_autoptr (json_object) json = varve_json_parse (authfile, AUTHFILE_MAX_BYTES, error);
  if (json == NULL)
    return FALSE;
  if (!json_object_is_type (json, json_type_object))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "not a JSON object");
      return FALSE;
    }
  g_auto (VarveCredentials) credentials = { 0 };
  if (!read_tables (json, repository, &credentials, error))
    return FALSE;
  *out_credentials = credentials;
  credentials = (VarveCredentials){ 0 };
  return TRUE;
}

static gboolean
read_authfile (const char *path, const char *repository, VarveCredentials *credentials, GError **error)
{
  g_autoptr (GBytes) content = varve_read_file (AT_FDCWD, path, AUTHFILE_MAX_BYTES, error);
  if (content != NULL && varve_credentials_parse (content, repository, credentials, error))
    return TRUE;
  g_autofree char *escaped = varve_escape (path);
  g_prefix_error (error, "authfile '%s': ", escaped);
  return FALSE;
}

static char *
first_authfile (void)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  return runtime != NULL ? g_build_filename (runtime, "containers", "auth.json", NULL)
                         : g_strdup_printf ("/run/containers/%u/auth.json", (guint)getuid ());
}

/* The files that are there are asked in this order, until one has an entry. */
static gboolean
search_authfiles (const char *repository, VarveCredentials *credentials, GError **error)
{
  const char *docker = g_getenv ("DOCKER_CONFIG");
  g_autofree char *first = first_authfile ();
  g_autofree char *second = g_build_filename (g_get_user_config_dir (), "containers", "auth.json", NULL);
  g_autofree char *third = docker != NULL ? g_build_filename (docker, "config.json", NULL)
                                          : g_build_filename (g_get_home_dir (), ".docker", "config.json", NULL);
  const char *const paths[] = { first, second, third };
  for (guint i = 0; i < G_N_ELEMENTS (paths) && credentials->user == NULL; i++)
    if (g_file_test (paths[i], G_FILE_TEST_EXISTS) && !read_authfile (paths[i], repository, credentials, error))
      return FALSE;
  return TRUE;
}

gboolean
varve_credentials_find (const VarveReference *repository, VarveCredentials *out_credentials, GError **error)
{
  const VarveAccess *access = repository->access;
  const char *authfile
      = access != NULL && access->authfile != NULL ? access->authfile : g_getenv ("REGISTRY_AUTH_FILE");
  *out_credentials = (VarveCredentials){ 0 };
  if (access != NULL && access->no_creds)
    return TRUE;
  if (access != NULL && access->registry_token != NULL)
    {
      out_credentials->token = g_strdup (access->registry_token);
      return TRUE;
    }
  if (access != NULL && access->creds != NULL)
    {
      split_pair (access->creds, out_credentials);
      return TRUE;
    }
  return authfile != NULL ? read_authfile (authfile, repository->path, out_credentials, error)
                          : search_authfiles (repository->path, out_credentials, error);
}
