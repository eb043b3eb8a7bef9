/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/image-row.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-row.h"
#include "cli/print.h"

typedef struct {
  VarveImageOptions images;
  char *architecture;
} Arguments;

static int
images (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  g_autoptr (VarveImageRow) row = varve_image_row_new ();
  for (char **name = operands; *name != NULL; name++)
    {
      VarveImage *image = varve_image_options_open (&arguments->images, session, *name, arguments->architecture, error);
      if (image == NULL)
        return 1;
      varve_image_row_add (row, *name, image);
    }
  if (!varve_image_row_measure (row, error))
    return 1;
  g_autoptr (json_object) json = varve_image_row_to_json (row);
  if (session->json)
    varve_print_json (json);
  else
    varve_print_row (row, NULL, NULL, NULL);
  return 0;
}

int
varve_cmd_bench_images (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE) };
  const GOptionEntry entries[] = {
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &arguments.architecture, "Which image of an index to take (this machine's)",
      "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE IMAGE...",
    .summary = "Reports what hosts download from each image of a series to the next, to the third and to the sixth "
               "after it; oldest first.\n"
               "Only manifests and configs are read.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .images = &arguments.images,
    .min_arguments = 2,
    .max_arguments = G_MAXINT,
  };
  return varve_session_run (session, &syntax, argc, argv, images, &arguments);
}
