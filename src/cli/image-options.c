/* SPDX-License-Identifier: Apache-2.0 */
/* Registry options: shared ones and those of one side, and how secrets among them are hidden. */
#include "cli/image-options.h"

#include <string.h>

#include "base/error.h"

enum {
  ENTRIES_MAX = 24,
  RETRIES_MAX = 100,
};

static const char *const PREFIXES[VARVE_SIDES] = { "src-", "dest-" };
static const char *const SECRETS[] = { "creds", "registry-token" };

static void
clear_side (VarveSideOptions *side)
{
  g_clear_pointer (&side->authfile, g_free);
  g_clear_pointer (&side->creds, g_free);
  g_clear_pointer (&side->registry_token, g_free);
  g_clear_pointer (&side->cert_dir, g_free);
}

void
varve_image_options_clear (VarveImageOptions *options)
{
  clear_side (&options->both);
  for (guint i = 0; i < VARVE_SIDES; i++)
    clear_side (&options->sides[i]);
  g_clear_pointer (&options->skopeo, g_free);
}

/* The side that an option such as "--src-tls-verify" sets. */
static VarveSideOptions *
find_side (VarveImageOptions *options, const char *option)
{
  for (guint i = 0; i < VARVE_SIDES; i++)
    if (g_str_has_prefix (option + strlen ("--"), PREFIXES[i]))
      return &options->sides[i];
  return &options->both;
}

static gboolean
parse_tls (const char *option, const char *value, gpointer data, GError **error)
{
  VarveSideOptions *side = find_side (data, option);
  if (g_str_equal (value, "true"))
    side->tls = VARVE_TLS_VERIFY;
  else if (g_str_equal (value, "false"))
    side->tls = VARVE_TLS_DO_NOT_VERIFY;
  else
    {
      g_autofree char *escaped = varve_escape (value);
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s=%s: expected true or false", option, escaped);
      return FALSE;
    }
  return TRUE;
}

/* GOption keeps pointers to names; interned strings stay valid, and there are few. */
static const char *
prefixed (const char *prefix, const char *name)
{
  g_autofree char *whole = g_strconcat (prefix, name, NULL);
  return g_intern_string (whole);
}

static void
add_side (GArray *entries, VarveSideOptions *side, const char *prefix, const char *whose)
{
  const char *creds
      = prefixed (whose, "User and password; visible to other users for a moment, unlike those of --authfile");
  const GOptionEntry own[] = {
    { prefixed (prefix, "authfile"), 0, 0, G_OPTION_ARG_FILENAME, &side->authfile,
      prefixed (whose, "Credentials, see containers-auth.json(5)"), "FILE" },
    { prefixed (prefix, "creds"), 0, 0, G_OPTION_ARG_FILENAME, &side->creds, creds, "USER[:PASSWORD]" },
    { prefixed (prefix, "no-creds"), 0, 0, G_OPTION_ARG_NONE, &side->no_creds,
      prefixed (whose, "Access the registry anonymously"), NULL },
    { prefixed (prefix, "registry-token"), 0, 0, G_OPTION_ARG_FILENAME, &side->registry_token,
      prefixed (whose, "Bearer token; visible to other users while skopeo runs"), "TOKEN" },
    { prefixed (prefix, "cert-dir"), 0, 0, G_OPTION_ARG_FILENAME, &side->cert_dir,
      prefixed (whose, "Certificates: *.crt of the CA, *.cert and *.key of the client"), "DIR" },
    { prefixed (prefix, "tls-verify"), 0, 0, G_OPTION_ARG_CALLBACK, parse_tls,
      prefixed (whose, "Require HTTPS with a valid certificate (true unless registries.conf says insecure)"),
      "true|false" },
  };
  g_array_append_vals (entries, own, G_N_ELEMENTS (own));
}

GArray *
varve_image_options_entries (VarveImageOptions *options)
{
  GArray *entries = g_array_new (TRUE, FALSE, sizeof (GOptionEntry));
  const GOptionEntry common[] = {
    { "retry", 0, 0, G_OPTION_ARG_INT, &options->retries, "Retries for transient network failures: 0 to 100 (3)", "N" },
    { "skopeo", 0, 0, G_OPTION_ARG_FILENAME, &options->skopeo,
      "skopeo program to run ($VARVE_SKOPEO, else the one in $PATH)", "PATH" },
  };
  add_side (entries, &options->both, "", "");
  if (options->kind == VARVE_IMAGES_TWO_SIDES)
    {
      add_side (entries, &options->sides[VARVE_SIDE_SOURCE], PREFIXES[VARVE_SIDE_SOURCE], "Source: ");
      add_side (entries, &options->sides[VARVE_SIDE_DESTINATION], PREFIXES[VARVE_SIDE_DESTINATION], "Destination: ");
    }
  g_array_append_vals (entries, common, G_N_ELEMENTS (common));
  return entries;
}

GOptionGroup *
varve_image_options_group (VarveImageOptions *options)
{
  GOptionGroup *group = g_option_group_new ("registry", "Registry Options:", "Show registry options", options, NULL);
  g_autoptr (GArray) entries = varve_image_options_entries (options);
  g_option_group_add_entries (group, (const GOptionEntry *)entries->data);
  return group;
}

void
varve_image_options_prepare (int argc, char **argv)
{
  static const char *const BARE[] = { "--tls-verify", "--src-tls-verify", "--dest-tls-verify" };
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    for (guint j = 0; j < G_N_ELEMENTS (BARE); j++)
      if (strcmp (argv[i], BARE[j]) == 0)
        argv[i] = (char *)prefixed (BARE[j], "=true");
}

/* The secret in @argument, or NULL; @out_next: the next argument is a secret. */
static char *
find_secret (char *argument, gboolean *out_next)
{
  static const char *const STARTS[] = { "--", "--src-", "--dest-" };
  *out_next = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (STARTS); i++)
    for (guint j = 0; j < G_N_ELEMENTS (SECRETS); j++)
      {
        const char *name = prefixed (STARTS[i], SECRETS[j]);
        if (!g_str_has_prefix (argument, name))
          continue;
        char *rest = argument + strlen (name);
        if (*rest == '=')
          return rest + 1;
        *out_next = *rest == '\0';
      }
  return NULL;
}

void
varve_image_options_hide (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      gboolean is_next;
      char *secret = find_secret (argv[i], &is_next);
      if (is_next && i + 1 < argc)
        secret = argv[++i];
      if (secret != NULL)
        memset (secret, '*', strlen (secret));
    }
}

static gboolean
check_access (const VarveImageOptions *options, const VarveAccess *access, GError **error)
{
  const char *problem = NULL;
  if (access->no_creds && (access->creds != NULL || access->registry_token != NULL))
    problem = "--no-creds and --creds or --registry-token are mutually exclusive";
  else if (access->creds != NULL && access->registry_token != NULL)
    problem = "--creds and --registry-token are mutually exclusive";
  else if (access->creds != NULL && (access->creds[0] == '\0' || access->creds[0] == ':'))
    problem = "--creds: expected USER:PASSWORD";
  if (problem != NULL)
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, problem);
  else if (options->retries < 0 || options->retries > RETRIES_MAX)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--retry %d: expected 0 to %d", options->retries, RETRIES_MAX);
  else
    return TRUE;
  return FALSE;
}

/* Side-specific credentials override all shared ones: --src-creds overrides --authfile, --creds and --no-creds. */
static VarveAccess *
make_access (const VarveImageOptions *options, VarveSession *session, const VarveSideOptions *side)
{
  const VarveSideOptions *both = &options->both;
  gboolean has_own = side->authfile != NULL || side->creds != NULL || side->registry_token != NULL || side->no_creds;
  const VarveSideOptions *credentials = has_own ? side : both;
  VarveAccess *access = varve_access_new ();
  access->skopeo = g_strdup (options->skopeo);
  access->authfile = g_strdup (credentials->authfile);
  access->creds = g_strdup (credentials->creds);
  access->registry_token = g_strdup (credentials->registry_token);
  access->no_creds = credentials->no_creds;
  access->cert_dir = g_strdup (side->cert_dir != NULL ? side->cert_dir : both->cert_dir);
  access->tls = side->tls != VARVE_TLS_DEFAULT ? side->tls : both->tls;
  access->requires_policy = options->requires_policy;
  access->retries = (guint)MAX (options->retries, 0);
  access->observer = session->observer;
  access->cancellable = session->cancellable;
  return access;
}

VarveAccess *
varve_image_options_access (const VarveImageOptions *options, VarveSession *session, VarveSide side, GError **error)
{
  g_return_val_if_fail (side < VARVE_SIDES, NULL);
  g_autoptr (VarveAccess) access = make_access (options, session, &options->sides[side]);
  return check_access (options, access, error) ? g_steal_pointer (&access) : NULL;
}

VarveReference *
varve_image_options_parse (const VarveImageOptions *options, VarveSession *session, VarveSide side, const char *text,
                           GError **error)
{
  g_autoptr (VarveReference) reference = varve_reference_parse (text, error);
  g_autoptr (VarveAccess) access
      = reference != NULL ? varve_image_options_access (options, session, side, error) : NULL;
  if (access == NULL)
    return NULL;
  varve_reference_set_access (reference, access);
  return g_steal_pointer (&reference);
}

VarveImage *
varve_image_options_open (const VarveImageOptions *options, VarveSession *session, const char *text,
                          const char *architecture, GError **error)
{
  g_autoptr (VarveReference) reference = varve_image_options_parse (options, session, VARVE_SIDE_SOURCE, text, error);
  return reference != NULL ? varve_open_image (reference, architecture, error) : NULL;
}
