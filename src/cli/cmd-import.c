/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print.h"
#include "transport/open-image.h"
#include "verify/import.h"

typedef struct {
  VarveImageOptions images;
  char *architecture, *repo, *ref;
} Arguments;

static void
print_import (const VarveImage *image, const VarveReference *reference, const char *commit, const char *ref)
{
  g_autofree char *digest = varve_digest_to_string (&image->descriptor->digest);
  g_autoptr (json_object) json = json_object_new_object ();
  varve_json_add_string (json, "image", reference->text);
  varve_json_add_string (json, "digest", digest);
  varve_json_add_string (json, "commit", commit);
  varve_json_add_string (json, "ref", ref);
  varve_print_json (json);
}

static int
import (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveImportOptions options
      = { .repo_path = arguments->repo, .ref = arguments->ref, .jobs = varve_session_jobs (session) };
  if (options.repo_path == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                           "missing --repo: expected the OSTree repository to write to");
      return 1;
    }
  g_autoptr (VarveReference) reference
      = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, operands[0], error);
  varve_session_start (session);
  g_autoptr (VarveImage) image
      = reference != NULL ? varve_open_image (reference, arguments->architecture, error) : NULL;
  if (image == NULL)
    return 1;
  VarveDigest commit;
  gboolean imported = varve_import_image (image, &options, session->observer, &commit, session->cancellable, error);
  varve_session_stop (session);
  if (!imported)
    return 1;
  g_autofree char *hex = varve_digest_to_hex (&commit);
  if (session->json)
    print_import (image, reference, hex, options.ref);
  else
    printf ("commit  %s\n", hex);
  return 0;
}

int
varve_cmd_import (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo, "OSTree repository to write to", "REPO" },
    { "write-ref", 0, 0, G_OPTION_ARG_FILENAME, &arguments.ref, "Set this ref to the commit", "REF" },
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE --repo REPO",
    .summary = "Imports the commit that an image was built from into a repository and checks every object.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .images = &arguments.images,
    .min_arguments = 1,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, import, &arguments);
}
