/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-fetch.h"
#include "cli/print-push.h"
#include "cli/print.h"
#include "transport/copy-image.h"

typedef struct {
  VarveImageOptions images;
  char *architecture;
} Arguments;

static void
print_elsewhere (const VarveSession *session, const char *image)
{
  g_autoptr (json_object) json = json_object_new_object ();
  varve_json_add_string (json, "image", image);
  if (session->json)
    varve_print_json (json);
  else
    printf ("image   %s\n", image);
}

static void
print_result (const VarveSession *session, const char *image, const VarveCopyResult *result)
{
  switch (result->how)
    {
    case VARVE_COPIED_FETCHED:
      varve_print_fetch (session, image, &result->fetch);
      break;
    case VARVE_COPIED_PUSHED:
      varve_print_push (session, image, &result->push);
      break;
    case VARVE_COPIED_BY_SKOPEO:
      print_elsewhere (session, image);
      break;
    }
}

static int
copy (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  g_autoptr (VarveReference) source
      = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_SOURCE, operands[0], error);
  g_autoptr (VarveReference) target = NULL;
  if (source != NULL)
    target = varve_image_options_parse (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[1], error);
  if (target == NULL)
    return 1;
  VarveCopyOptions options = {
    .fetch = {
      .kind = arguments->architecture != NULL ? VARVE_FETCH_ONE : VARVE_FETCH_ALL,
      .architecture = arguments->architecture,
      .jobs = varve_session_streams (session),
      .observer = session->observer,
      .cancellable = session->cancellable,
    },
  };
  VarveCopyResult result = { 0 };
  varve_session_start (session);
  gboolean copied = varve_copy_image (source, target, &options, &result, error);
  varve_session_stop (session);
  if (copied)
    print_result (session, target->text, &result);
  varve_push_result_clear (&result.push);
  return copied ? 0 : 1;
}

int
varve_cmd_copy (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_TWO_SIDES) };
  const GOptionEntry entries[] = {
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture, "Copy only this architecture from an index",
      "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE IMAGE",
    .summary = "Copies an image, or an index with all its images, byte for byte.\n"
               "Between layouts or archives without a REF, copies every entry under its name.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS | VARVE_OPTIONS_LOCK,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = 2,
  };
  return varve_session_run (session, &syntax, argc, argv, copy, &arguments);
}
