/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print.h"
#include "cli/rootfs-options.h"
#include "rootfs/input.h"
#include "rootfs/prune.h"
#include "transport/open-image.h"
#include "verify/verify-plain.h"
#include "verify/verify.h"

typedef struct {
  VarveImageOptions images;
  VarveRootfsArguments rootfs;
  char *architecture, *repo;
  char **prune;
} Arguments;

static json_object *
finding_to_json (const VarveFinding *finding)
{
  json_object *json = json_object_new_object ();
  varve_json_add_string (json, "rule", finding->rule);
  varve_json_add_string (json, "severity", varve_severity_to_string (finding->severity));
  varve_json_add_string (json, "where", finding->where);
  varve_json_add_string (json, "message", finding->message);
  return json;
}

static json_object *
findings_to_json (VarveFindings *findings)
{
  static const VarveSeverity SEVERITIES[] = { VARVE_SEVERITY_ERROR, VARVE_SEVERITY_NOTE };
  json_object *json = json_object_new_object (), *list = json_object_new_array ();
  json_object_object_add (json, "ok",
                          json_object_new_boolean (varve_findings_count (findings, VARVE_SEVERITY_ERROR) == 0));
  varve_json_add_size (json, "errors", varve_findings_count (findings, VARVE_SEVERITY_ERROR));
  varve_json_add_size (json, "notes", varve_findings_count (findings, VARVE_SEVERITY_NOTE));
  for (guint s = 0; s < G_N_ELEMENTS (SEVERITIES); s++)
    for (guint i = 0; i < varve_findings_kept (findings, SEVERITIES[s]); i++)
      json_object_array_add (list, finding_to_json (varve_findings_get (findings, SEVERITIES[s], i)));
  json_object_object_add (json, "findings", list);
  return json;
}

static void
print_findings (VarveFindings *findings, VarveSeverity severity)
{
  guint kept = varve_findings_kept (findings, severity);
  guint64 count = varve_findings_count (findings, severity);
  for (guint i = 0; i < kept; i++)
    {
      const VarveFinding *finding = varve_findings_get (findings, severity, i);
      printf ("%s: %s: %s: %s\n", varve_severity_to_string (severity), finding->rule, finding->where, finding->message);
    }
  if (count > kept)
    printf ("… and %" G_GUINT64_FORMAT " more of severity '%s'\n", count - kept, varve_severity_to_string (severity));
}

static void
print_verdict (VarveFindings *findings, const VarveImage *image)
{
  guint64 errors = varve_findings_count (findings, VARVE_SEVERITY_ERROR);
  print_findings (findings, VARVE_SEVERITY_ERROR);
  print_findings (findings, VARVE_SEVERITY_NOTE);
  g_autofree char *layers = varve_format_count (image->manifest->layers->len, "layer");
  if (errors == 0)
    printf ("the image is valid: %s; every digest, header, object and path checked\n", layers);
  else
    printf ("the image is NOT valid: %" G_GUINT64_FORMAT " error%s\n", errors, errors == 1 ? "" : "s");
}

/* What the image is compared with. */
static gboolean
finish_arguments (const Arguments *arguments, const char *ref, VarveInputOptions *input, GError **error)
{
  if ((arguments->repo != NULL) != (ref != NULL))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--repo REPO and a REF or COMMIT require each other");
      return FALSE;
    }
  if (arguments->repo != NULL && arguments->rootfs.path != NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--repo and --rootfs are mutually exclusive");
      return FALSE;
    }
  if (arguments->prune != NULL && arguments->rootfs.path == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--prune requires --rootfs");
      return FALSE;
    }
  input->rootfs.prune = (const char *const *)arguments->prune;
  return varve_prune_check (input->rootfs.prune, error)
         && varve_rootfs_arguments_finish (&arguments->rootfs, &input->rootfs, error);
}

static VarveFindings *
verify_image (VarveSession *session, const VarveImage *image, VarveVerifyOptions *options,
              const VarveInputOptions *input_options, GError **error)
{
  VarveOwnersOptions owners = { .kind = VARVE_PACKAGES_NONE };
  g_autoptr (VarveInput) input = NULL;
  if (input_options->rootfs.path != NULL)
    {
      input = varve_input_open (input_options, &owners, options->jobs, session->observer, session->cancellable, error);
      if (input == NULL)
        return NULL;
      options->tree = input->inventory;
    }
  return varve_verify_image (image, options, session->observer, session->cancellable, error);
}

static int
verify (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveVerifyOptions options
      = { .repo_path = arguments->repo, .ref = operands[1], .jobs = varve_session_jobs (session) };
  VarveInputOptions input = VARVE_INPUT_OPTIONS_INIT;
  input.is_temporary = TRUE;
  if (!finish_arguments (arguments, operands[1], &input, error))
    return 1;
  g_autoptr (VarveReference) reference
      = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, operands[0], error);
  varve_session_start (session);
  g_autoptr (VarveImage) image
      = reference != NULL ? varve_open_image (reference, arguments->architecture, error) : NULL;
  if (image == NULL)
    return 1;
  input.is_plain = varve_verify_is_plain (image);
  g_autoptr (VarveFindings) findings = verify_image (session, image, &options, &input, error);
  varve_session_stop (session);
  if (findings == NULL)
    return 1;
  g_autoptr (json_object) json = findings_to_json (findings);
  if (session->json)
    varve_print_json (json);
  else
    print_verdict (findings, image);
  return varve_findings_count (findings, VARVE_SEVERITY_ERROR) == 0 ? 0 : VARVE_EXIT_ANSWER_NO;
}

int
varve_cmd_verify (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo, "Compare with a commit in this repository", "REPO" },
    { "rootfs", 0, 0, G_OPTION_ARG_FILENAME, &arguments.rootfs.path, "Compare with the root file system in this folder",
      "DIR" },
    { "owner-uid", 0, 0, G_OPTION_ARG_FILENAME, &arguments.rootfs.owner_uid,
      "With --rootfs: expect this owner of every file", "UID" },
    { "owner-gid", 0, 0, G_OPTION_ARG_FILENAME, &arguments.rootfs.owner_gid,
      "With --rootfs: expect this group of every file", "GID" },
    { "prune", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.prune,
      "With --rootfs: this path is not in the image, as with build --prune; repeatable", "/PATH" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE [--repo REPO REF|COMMIT | --rootfs DIR]",
    .summary = "Checks every digest of an image, every header, object and path, and every rule of the format.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 1,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, verify, &arguments);
}
