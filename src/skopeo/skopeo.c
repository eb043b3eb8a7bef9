/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials are passed in a memfd: it has no name, so no other user can open it and nothing has to be removed
 * afterwards. A registry token is the exception: skopeo accepts one only as an argument. */
#include "skopeo/skopeo.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/temporary-folder.h"
#include "oci/document.h"
#include "skopeo/skopeo-message.h"
#include "skopeo/skopeo-version.h"

enum { FIRST_FD = 3 };

/* Options that the oldest supported skopeo does not have. */
static const struct {
  const char *option;
  guint major, minor;
} NEWER_OPTIONS[] = {
  { "sign-by-sigstore", 1, 11 },
};

struct _VarveSkopeo {
  const VarveSkopeoVersion *version;
  GPtrArray *argv;     /* owned strings */
  GPtrArray *accesses; /* VarveAccess: the first has observer and cancellable, all have secrets to redact */
  GArray *fds;         /* int, owned */
  void (*watch) (gpointer data);
  gpointer watch_data;
  GBytes *output;                /* stdout of the last run */
  VarveTemporaryFolder *scratch; /* for its temporary files; or NULL */
};

VarveSkopeo *
varve_skopeo_new (VarveAccess *access, GError **error)
{
  g_autoptr (VarveAccess) used = access != NULL ? varve_access_ref (access) : varve_access_new ();
  const VarveSkopeoVersion *version = varve_skopeo_version_find (used->skopeo, used->cancellable, error);
  if (version == NULL)
    return NULL;
  VarveSkopeo *skopeo = g_new0 (VarveSkopeo, 1);
  *skopeo = (VarveSkopeo){
    .version = version,
    .argv = g_ptr_array_new_with_free_func (g_free),
    .accesses = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_access_unref),
    .fds = g_array_new (FALSE, FALSE, sizeof (int)),
  };
  g_ptr_array_add (skopeo->accesses, g_steal_pointer (&used));
  varve_skopeo_add (skopeo, version->path);
  return skopeo;
}

void
varve_skopeo_free (VarveSkopeo *skopeo)
{
  for (guint i = 0; i < skopeo->fds->len; i++)
    close (g_array_index (skopeo->fds, int, i));
  g_array_unref (skopeo->fds);
  g_ptr_array_unref (skopeo->argv);
  g_ptr_array_unref (skopeo->accesses);
  g_clear_pointer (&skopeo->output, g_bytes_unref);
  g_clear_pointer (&skopeo->scratch, varve_temporary_folder_free);
  g_free (skopeo);
}

void
varve_skopeo_add (VarveSkopeo *skopeo, const char *argument)
{
  g_ptr_array_add (skopeo->argv, g_strdup (argument));
}

static void
skopeo_add_value (VarveSkopeo *skopeo, const char *prefix, const char *option, const char *value)
{
  if (value != NULL)
    g_ptr_array_add (skopeo->argv, g_strdup_printf ("--%s%s=%s", prefix, option, value));
}

gboolean
varve_skopeo_add_option (VarveSkopeo *skopeo, const char *option, const char *value, GError **error)
{
  const VarveSkopeoVersion *version = skopeo->version;
  for (guint i = 0; i < G_N_ELEMENTS (NEWER_OPTIONS); i++)
    if (g_str_equal (NEWER_OPTIONS[i].option, option)
        && (version->major < NEWER_OPTIONS[i].major
            || (version->major == NEWER_OPTIONS[i].major && version->minor < NEWER_OPTIONS[i].minor)))
      {
        g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                     "--%s: skopeo has version %s: expected %u.%u or newer", option, version->version,
                     NEWER_OPTIONS[i].major, NEWER_OPTIONS[i].minor);
        return FALSE;
      }
  skopeo_add_value (skopeo, "", option, value);
  return TRUE;
}

/* A file without a name; its position among the fds gives its number in the child. */
static gboolean
skopeo_add_authfile (VarveSkopeo *skopeo, const char *prefix, GBytes *content, GError **error)
{
  int fd = memfd_create ("auth.json", MFD_CLOEXEC);
  if (fd < 0)
    return varve_set_errno (error, errno, "creating a file in memory");
  g_array_append_val (skopeo->fds, fd);
  gsize size_bytes;
  const void *data = g_bytes_get_data (content, &size_bytes);
  gssize n = write (fd, data, size_bytes);
  if (n < 0 || (gsize)n != size_bytes)
    return varve_set_errno (error, n < 0 ? errno : ENOSPC, "writing a file in memory");
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%u", FIRST_FD + skopeo->fds->len - 1);
  skopeo_add_value (skopeo, prefix, "authfile", path);
  return TRUE;
}

/* skopeo's proxy treats a missing authfile as an empty one. */
static gboolean
check_authfile (const char *path, GError **error)
{
  if (access (path, R_OK) == 0)
    return TRUE;
  int saved_errno = errno;
  g_autofree char *escaped = varve_escape (path);
  return varve_set_errno (error, saved_errno, "authfile '%s'", escaped);
}

static gboolean
skopeo_add_credentials (VarveSkopeo *skopeo, const VarveReference *reference, const char *prefix, GError **error)
{
  const VarveAccess *options = reference->access;
  if (options->no_creds)
    {
      g_ptr_array_add (skopeo->argv, g_strdup_printf ("--%sno-creds", prefix));
      return TRUE;
    }
  if (options->registry_token != NULL)
    varve_observer_warn (options->observer,
                         "skopeo accepts a registry token only as an argument: other users of this machine can see it "
                         "while skopeo runs; use --authfile or --creds to avoid this");
  skopeo_add_value (skopeo, prefix, "registry-token", options->registry_token);
  if (options->creds == NULL)
    {
      skopeo_add_value (skopeo, prefix, "authfile", options->authfile);
      return options->authfile == NULL || check_authfile (options->authfile, error);
    }
  g_autofree char *host = varve_reference_host (reference);
  g_autoptr (GBytes) content = varve_access_to_authfile (options, host);
  return skopeo_add_authfile (skopeo, prefix, content, error);
}

gboolean
varve_skopeo_add_access (VarveSkopeo *skopeo, const VarveReference *reference, const char *prefix, GError **error)
{
  VarveAccess *access = reference->access;
  if (access == NULL || reference->transport != VARVE_TRANSPORT_DOCKER)
    return TRUE;
  g_ptr_array_add (skopeo->accesses, varve_access_ref (access));
  skopeo_add_value (skopeo, prefix, "cert-dir", access->cert_dir);
  if (access->tls != VARVE_TLS_DEFAULT)
    skopeo_add_value (skopeo, prefix, "tls-verify", access->tls == VARVE_TLS_VERIFY ? "true" : "false");
  return skopeo_add_credentials (skopeo, reference, prefix, error);
}

void
varve_skopeo_add_reference (VarveSkopeo *skopeo, const VarveReference *reference)
{
  g_return_if_fail (!varve_reference_is_oci (reference));
  varve_skopeo_add (skopeo, reference->text);
}

void
varve_skopeo_set_watch (VarveSkopeo *skopeo, void (*watch) (gpointer data), gpointer data)
{
  skopeo->watch = watch;
  skopeo->watch_data = data;
}

static char *
skopeo_redact (const VarveSkopeo *skopeo, const char *text)
{
  char *redacted = g_strdup (text);
  for (guint i = 0; i < skopeo->accesses->len; i++)
    {
      g_autofree char *former = redacted;
      redacted = varve_access_redact (g_ptr_array_index (skopeo->accesses, i), former);
    }
  return redacted;
}

void
varve_skopeo_fail (VarveSkopeo *skopeo, const char *messages, GError **error)
{
  g_autofree char *redacted = skopeo_redact (skopeo, messages);
  varve_skopeo_set_error (error, redacted);
}

static const VarveAccess *
first_access (const VarveSkopeo *skopeo)
{
  return g_ptr_array_index (skopeo->accesses, 0);
}

/* Completes the arguments. A skopeo that is killed leaves its temporary files, whole layers with containers-storage:,
 * so they go into a folder that we remove. Without such a folder most runs still work, and skopeo reports the others.
 */
static void
skopeo_complete_arguments (VarveSkopeo *skopeo)
{
  g_autoptr (GError) no_scratch = NULL;
  skopeo->scratch = varve_temporary_folder_new (NULL, &no_scratch);
  if (skopeo->scratch != NULL)
    skopeo_add_value (skopeo, "", "tmpdir", varve_temporary_folder_path (skopeo->scratch));
  g_ptr_array_add (skopeo->argv, NULL);
}

/* Some of its libraries read TMPDIR instead of the option. */
static char **
skopeo_environment (const VarveSkopeo *skopeo)
{
  char **environment = varve_skopeo_environment ();
  return skopeo->scratch != NULL
             ? g_environ_setenv (environment, "TMPDIR", varve_temporary_folder_path (skopeo->scratch), TRUE)
             : environment;
}

static gboolean
skopeo_run_once (gpointer data, GError **error)
{
  VarveSkopeo *skopeo = data;
  const VarveAccess *access = first_access (skopeo);
  g_auto (GStrv) environment = skopeo_environment (skopeo);
  VarveChildSetup setup = {
    .argv = (const char *const *)skopeo->argv->pdata,
    .environment = (const char *const *)environment,
    .fds = (const int *)(const void *)skopeo->fds->data,
    .n_fds = skopeo->fds->len,
    .max_output_bytes = VARVE_DOCUMENT_MAX_BYTES,
    .watch = skopeo->watch,
    .watch_data = skopeo->watch_data,
  };
  g_auto (VarveChildResult) result = { 0 };
  if (!varve_child_run (&setup, &result, access->cancellable, error))
    return FALSE;
  g_autofree char *messages = skopeo_redact (skopeo, result.messages);
  g_autoptr (GPtrArray) warnings = varve_skopeo_warnings (messages);
  for (guint i = 0; i < warnings->len; i++)
    varve_observer_warn (access->observer, "skopeo: %s", (const char *)g_ptr_array_index (warnings, i));
  if (result.status != 0)
    {
      varve_skopeo_set_error (error, messages);
      return FALSE;
    }
  g_clear_pointer (&skopeo->output, g_bytes_unref);
  skopeo->output = g_steal_pointer (&result.output);
  return TRUE;
}

GBytes *
varve_skopeo_run (VarveSkopeo *skopeo, GError **error)
{
  skopeo_complete_arguments (skopeo);
  return varve_access_retry (first_access (skopeo), skopeo_run_once, skopeo, varve_skopeo_may_retry, error)
             ? g_bytes_ref (skopeo->output)
             : NULL;
}

VarveChild *
varve_skopeo_start (VarveSkopeo *skopeo, int fd, const char *fd_option, GError **error)
{
  g_autoptr (GArray) fds = g_array_copy (skopeo->fds);
  g_array_append_val (fds, fd);
  g_autofree char *number = g_strdup_printf ("%u", FIRST_FD + fds->len - 1);
  skopeo_add_value (skopeo, "", fd_option, number);
  skopeo_complete_arguments (skopeo);
  g_auto (GStrv) environment = skopeo_environment (skopeo);
  VarveChildSetup setup = {
    .argv = (const char *const *)skopeo->argv->pdata,
    .environment = (const char *const *)environment,
    .fds = (const int *)(const void *)fds->data,
    .n_fds = fds->len,
  };
  return varve_child_start (&setup, error);
}
