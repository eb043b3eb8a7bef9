/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-fetch.h"
#include "cli/text-file.h"

typedef struct {
  VarveImageOptions images;
  char *architecture, *digest_file;
  gboolean all;
} Arguments;

static gboolean
check_target (const VarveReference *target, GError **error)
{
  if (varve_reference_is_oci (target))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
               "'%s': cannot pull to this transport: expected oci:DIR[:REF] or oci-archive:FILE[:REF]", target->text);
  return FALSE;
}

static int
pull (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  g_autoptr (VarveReference) source
      = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, operands[0], error);
  g_autoptr (VarveReference) target = source != NULL ? varve_reference_parse (operands[1], error) : NULL;
  if (target == NULL || !check_target (target, error))
    return 1;
  if (arguments->all && arguments->architecture != NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--all and --arch are mutually exclusive");
      return 1;
    }
  VarveFetchOptions options = {
    .kind = arguments->all ? VARVE_FETCH_ALL : VARVE_FETCH_ONE,
    .architecture = arguments->architecture,
    .jobs = varve_session_streams (session),
    .observer = session->observer,
    .cancellable = session->cancellable,
  };
  VarveFetchResult result;
  varve_session_start (session);
  gboolean pulled = varve_fetch (source, target, &options, &result, error);
  varve_session_stop (session);
  if (!pulled)
    return 1;
  g_autofree char *digest = varve_digest_to_string (&result.digest);
  if (!varve_write_digest_file (arguments->digest_file, digest, error))
    return 1;
  varve_print_fetch (session, target->text, &result);
  return 0;
}

int
varve_cmd_pull (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture,
      "Architecture to take from an index (this machine's)", "ARCH" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &arguments.all, "Pull the whole index with the images of all architectures",
      NULL },
    { "digest-file", 0, 0, G_OPTION_ARG_FILENAME, &arguments.digest_file,
      "Write the digest of the pulled image or index to this file", "FILE" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE LAYOUT",
    .summary = "Pulls an image from a registry into oci:DIR[:REF] or oci-archive:FILE[:REF], byte for byte.\n"
               "Every blob is checked; blobs in the layout are not fetched again.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS | VARVE_OPTIONS_LOCK,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, pull, &arguments);
}
