/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-push.h"
#include "cli/push-options.h"
#include "cli/text-file.h"

typedef struct {
  VarveImageOptions images;
  VarvePushArguments push;
} Arguments;

static int
push (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  g_autoptr (VarveReference) source = varve_reference_parse (operands[0], error);
  g_autoptr (VarveReference) target = NULL;
  if (source != NULL)
    target = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[1], error);
  if (target == NULL)
    return 1;
  VarvePushOptions options = varve_push_arguments_options (&arguments->push);
  g_auto (VarvePushResult) result = { 0 };
  varve_session_start (session);
  gboolean pushed = varve_push (source, target, &options, &result, session->cancellable, error);
  varve_session_stop (session);
  if (!pushed)
    return 1;
  g_autofree char *digest = varve_digest_to_string (&result.digest);
  if (!varve_write_digest_file (arguments->push.digest_file, digest, error))
    return 1;
  varve_print_push (session, target->text, &result);
  return 0;
}

int
varve_cmd_push (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry own[] = { { NULL } };
  g_autofree GOptionEntry *entries = varve_push_arguments_entries (&arguments.push, own);
  VarveSyntax syntax = {
    .parameters = "LAYOUT IMAGE",
    .summary = "Pushes an image or a whole index from oci:DIR[:REF] or oci-archive:FILE[:REF] to "
               "docker://HOST/NAME[:TAG|@DIGEST].\n"
               "Layers that the registry has are not sent again; tags move last.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, push, &arguments);
}
