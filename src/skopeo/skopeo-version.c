/* SPDX-License-Identifier: Apache-2.0 */
/* Finds skopeo and runs `skopeo --version` once for each path. */
#include "skopeo/skopeo-version.h"

#include <string.h>

#include "base/child.h"
#include "base/error.h"

enum { VERSION_MAX_BYTES = 4096 };

static GMutex known_mutex;
static GHashTable *known; /* path -> VarveSkopeoVersion; never freed */

/* The variables that skopeo, its libraries and credential helpers read; no others are passed on. */
static const char *const PASSED_NAMES[] = {
  "HOME",           "USER",
  "LOGNAME",        "PATH",
  "TMPDIR",         "REGISTRY_AUTH_FILE",
  "DOCKER_CONFIG",  "GNUPGHOME",
  "GPG_TTY",        "DBUS_SESSION_BUS_ADDRESS",
  "HTTP_PROXY",     "HTTPS_PROXY",
  "NO_PROXY",       "ALL_PROXY",
  "http_proxy",     "https_proxy",
  "no_proxy",       "all_proxy",
  "STORAGE_DRIVER", "STORAGE_OPTS",
};
static const char *const PASSED_PREFIXES[] = {
  "XDG_", "SSL_CERT_", "CONTAINERS_", "DOCKER_CREDENTIAL_", "PASSWORD_STORE_",
  "AWS_", "AZURE_",    "GOOGLE_",     "CLOUDSDK_",          "GCE_",
};

static gboolean
is_passed_on (const char *variable)
{
  gsize length = strcspn (variable, "=");
  for (guint i = 0; i < G_N_ELEMENTS (PASSED_NAMES); i++)
    if (strlen (PASSED_NAMES[i]) == length && strncmp (variable, PASSED_NAMES[i], length) == 0)
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (PASSED_PREFIXES); i++)
    if (g_str_has_prefix (variable, PASSED_PREFIXES[i]))
      return TRUE;
  return FALSE;
}

char **
varve_skopeo_environment (void)
{
  g_auto (GStrv) all = g_get_environ ();
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; all[i] != NULL; i++)
    if (is_passed_on (all[i]))
      g_strv_builder_add (builder, all[i]);
  g_strv_builder_add (builder, "LANG=C.UTF-8");
  return g_strv_builder_end (builder);
}

gboolean
varve_skopeo_version_parse (const char *line, VarveSkopeoVersion *out_version, GError **error)
{
  static const char START[] = "skopeo version ";
  const char *text = g_str_has_prefix (line, START) ? line + strlen (START) : NULL;
  g_autofree char *version = text != NULL ? g_strndup (text, strcspn (text, " \t\r\n")) : NULL;
  g_auto (GStrv) numbers = version != NULL ? g_strsplit (version, ".", 3) : NULL;
  guint64 major, minor;
  if (numbers == NULL || g_strv_length (numbers) < 2
      || !g_ascii_string_to_unsigned (numbers[0], 10, 0, G_MAXUINT16, &major, NULL)
      || !g_ascii_string_to_unsigned (numbers[1], 10, 0, G_MAXUINT16, &minor, NULL))
    {
      g_autofree char *escaped = varve_escape (line);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                   "'--version' printed '%s': expected 'skopeo version' and a number", escaped);
      return FALSE;
    }
  *out_version
      = (VarveSkopeoVersion){ .version = g_steal_pointer (&version), .major = (guint)major, .minor = (guint)minor };
  return TRUE;
}

static gboolean
check_minimum (const VarveSkopeoVersion *version, GError **error)
{
  if (version->major > VARVE_SKOPEO_MAJOR_MIN
      || (version->major == VARVE_SKOPEO_MAJOR_MIN && version->minor >= VARVE_SKOPEO_MINOR_MIN))
    return TRUE;
  g_autofree char *escaped = varve_escape (version->version);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "version %s: expected %d.%d or newer", escaped,
               VARVE_SKOPEO_MAJOR_MIN, VARVE_SKOPEO_MINOR_MIN);
  return FALSE;
}

static gboolean
read_version (const char *path, VarveSkopeoVersion *out_version, GCancellable *cancellable, GError **error)
{
  const char *const argv[] = { path, "--version", NULL };
  g_auto (GStrv) environment = varve_skopeo_environment ();
  VarveChildSetup setup
      = { .argv = argv, .environment = (const char *const *)environment, .max_output_bytes = VERSION_MAX_BYTES };
  g_auto (VarveChildResult) result = { 0 };
  if (!varve_child_run (&setup, &result, cancellable, error))
    return FALSE;
  gsize length;
  const char *output = g_bytes_get_data (result.output, &length);
  g_autofree char *line = g_strndup (length > 0 ? output : "", length);
  line[strcspn (line, "\n")] = '\0';
  if (result.status == 0)
    return varve_skopeo_version_parse (line, out_version, error);
  g_autofree char *escaped = varve_escape (result.messages);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "'--version' exited with status %d: %s", result.status,
               escaped);
  return FALSE;
}

static char *
find_path (const char *name, GError **error)
{
  const char *from_environment = g_getenv ("VARVE_SKOPEO");
  if (name == NULL && from_environment != NULL && from_environment[0] != '\0')
    name = from_environment;
  const char *wanted = name != NULL ? name : "skopeo";
  char *path = strchr (wanted, '/') != NULL ? g_strdup (wanted) : g_find_program_in_path (wanted);
  if (path != NULL)
    return path;
  g_autofree char *escaped = varve_escape (wanted);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND,
               "'%s' is not in $PATH: install skopeo, or give its path with --skopeo", escaped);
  return NULL;
}

static const VarveSkopeoVersion *
find_locked (const char *name, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = find_path (name, error);
  if (path == NULL)
    return NULL;
  if (known == NULL)
    known = g_hash_table_new (g_str_hash, g_str_equal);
  const VarveSkopeoVersion *found = g_hash_table_lookup (known, path);
  if (found != NULL)
    return found;
  VarveSkopeoVersion version = { 0 };
  if (!read_version (path, &version, cancellable, error) || !check_minimum (&version, error))
    {
      g_free (version.version);
      g_autofree char *escaped = varve_escape (path);
      g_prefix_error (error, "'%s': ", escaped);
      return NULL;
    }
  version.path = g_steal_pointer (&path);
  found = g_memdup2 (&version, sizeof version);
  g_hash_table_insert (known, version.path, (gpointer)found);
  return found;
}

const VarveSkopeoVersion *
varve_skopeo_version_find (const char *name, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&known_mutex);
  const VarveSkopeoVersion *version = find_locked (name, cancellable, error);
  g_mutex_unlock (&known_mutex);
  if (version == NULL)
    g_prefix_error (error, "skopeo: ");
  return version;
}
