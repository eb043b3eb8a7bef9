/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/build-options.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/text-file.h"
#include "release/provenance.h"
#include "skopeo/reference.h"

typedef struct {
  VarveBuildArguments common;
  char *digest_file, *write_plan, *attest, *builder;
} Arguments;

static char *
format_json (json_object *json)
{
  return g_strconcat (json_object_to_json_string_ext (json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
                                                                | JSON_C_TO_STRING_NOSLASHESCAPE),
                      "\n", NULL);
}

static gboolean
write_provenance (const Arguments *arguments, const VarveReport *report, GError **error)
{
  if (arguments->attest == NULL)
    return TRUE;
  g_autoptr (json_object) statement = varve_provenance_new (&arguments->common.build, report, arguments->builder);
  g_autofree char *text = format_json (statement);
  return varve_write_text_file (arguments->attest, text, error);
}

static gboolean
write_files (const Arguments *arguments, const VarveReport *report, json_object *json, GError **error)
{
  if (!varve_write_digest_file (arguments->digest_file, report->digest, error))
    return FALSE;
  if (!write_provenance (arguments, report, error))
    return FALSE;
  g_autofree char *plan = format_json (json);
  return arguments->write_plan == NULL || varve_write_text_file (arguments->write_plan, plan, error);
}

static void
print_result (const VarveReport *report)
{
  g_autofree char *size = varve_format_size (varve_report_size_bytes (report));
  g_autofree char *new_size = varve_format_size (varve_report_state_bytes (report, VARVE_LAYER_NEW));
  guint n_new = varve_report_state_layers (report, VARVE_LAYER_NEW);
  VarveStaleTotal total = varve_report_stale (report);
  g_autofree char *stale = varve_format_stale (&total), *kept = varve_format_kept (report);
  printf ("image   %s\ndigest  %s\n", report->image, report->digest);
  if (report->commit != NULL)
    printf ("commit  %s\n", report->commit);
  printf ("layers  %u, %s; new: %u, %s\n", report->layers->len, size, n_new, new_size);
  if (kept != NULL)
    printf ("stale   %s\nkept    %s\n", stale, kept);
}

static int
build (VarveSession *session, gpointer data, char **operands, GError **error)
{
  Arguments *arguments = data;
  const char *image;
  if (!varve_build_arguments_finish (&arguments->common, session, operands, &image, error))
    return 1;
  if (arguments->builder != NULL && !g_uri_is_valid (arguments->builder, G_URI_FLAGS_NONE, error))
    {
      g_prefix_error (error, "--attest-builder: ");
      return 1;
    }
  if (image == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "missing argument: expected the IMAGE to write");
      return 1;
    }
  g_autoptr (VarveReference) target
      = varve_image_options_parse (&arguments->common.images, session, VARVE_SIDE_DESTINATION, image, error);
  if (target == NULL)
    return 1;
  varve_session_start (session);
  g_autoptr (VarveReport) report
      = varve_build (&arguments->common.build, target, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (report == NULL)
    return 1;
  report->image = g_strdup (target->text);
  g_autoptr (json_object) json = varve_report_to_json (report);
  if (!write_files (arguments, report, json, error))
    return 1;
  if (session->json)
    varve_print_json (json);
  else
    print_result (report);
  return 0;
}

/* Before --prune took a path, --prune alone was --prune-layout. A relative path is not taken for the old name, so that
 * the message is about the path. */
static gboolean
has_path (const char *next)
{
  return next != NULL && next[0] != '-' && !varve_reference_is_image (next);
}

static void
rename_prune (int argc, char **argv)
{
  static char name[] = "--prune-layout";
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    if (strcmp (argv[i], "--prune") == 0 && !has_path (i + 1 < argc ? argv[i + 1] : NULL))
      argv[i] = name;
}

int
varve_cmd_build (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { 0 };
  GOptionEntry common[VARVE_BUILD_ENTRIES_MAX];
  varve_build_arguments_init (&arguments.common, common);
  const GOptionEntry own[] = {
    { "thin", 0, 0, G_OPTION_ARG_NONE, &arguments.common.build.is_thin,
      "Omit the blobs of reused layers from the layout", NULL },
    { "digest-file", 0, 0, G_OPTION_ARG_FILENAME, &arguments.digest_file, "Write the manifest's digest to this file",
      "FILE" },
    { "attest", 0, 0, G_OPTION_ARG_FILENAME, &arguments.attest,
      "Write where the image comes from to this file: SLSA provenance in an in-toto statement, to be signed", "FILE" },
    { "attest-builder", 0, 0, G_OPTION_ARG_FILENAME, &arguments.builder, "URI of who runs this build, for --attest",
      "URI" },
    { "sign-commit", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.common.build.draft.sign_keys,
      "Sign the commit in the image: gpg=KEY-ID or ed25519=FILE; repeatable", "TYPE=KEY" },
    { "prune-layout", 0, 0, G_OPTION_ARG_NONE, &arguments.common.build.prunes,
      "Remove blobs that earlier builds into the layout replaced", NULL },
    { "write-plan", 0, 0, G_OPTION_ARG_FILENAME, &arguments.write_plan, "Write the --json output to this file",
      "FILE" },
    { NULL },
  };
  guint n_common = 0;
  while (common[n_common].long_name != NULL)
    n_common++;
  memcpy (&common[n_common], own, sizeof own);
  VarveSyntax syntax = {
    .parameters = "--repo REPO REF|COMMIT IMAGE | --rootfs DIR IMAGE | --from IMAGE IMAGE",
    .summary = "Builds a bootable OCI image from an OSTree commit, a root file system or another image.\n"
               "IMAGE is oci:DIR[:REF], oci-archive:FILE[:REF] or docker://HOST/NAME[:TAG].\n\n"
               "Which host takes which --format:\n"
               "                            ostree          plain\n"
               "  bootc, ostree backend     yes             yes, since bootc 1.1.3\n"
               "  bootc, composefs backend  yes             yes; for sealed images the only one\n"
               "  rpm-ostree                yes             yes, since 2025.2\n"
               "  podman, docker            yes             yes",
    .entries = common,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS | VARVE_OPTIONS_LOCK,
    .images = &arguments.common.images,
    .min_arguments = 1,
    .max_arguments = 2,
  };
  rename_prune (argc, argv);
  int status = varve_session_run (session, &syntax, argc, argv, build, &arguments);
  varve_build_arguments_clear (&arguments.common);
  return status;
}
