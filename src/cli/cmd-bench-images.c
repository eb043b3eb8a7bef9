#include "bench/image-row.h"
#include "cli/commands.h"
#include "cli/image-options.h"
#include "cli/print-row.h"
#include "cli/print.h"

static int
images (VarveSession *session, const VarveImageOptions *options, const char *architecture, char **names, GError **error)
{
  g_autoptr (VarveImageRow) row = varve_image_row_new ();
  for (char **name = names; *name != NULL; name++)
    {
      VarveImage *image = varve_image_options_open (options, session, *name, architecture, error);
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
  g_auto (VarveImageOptions) options = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE);
  g_autofree char *architecture = NULL;
  const GOptionEntry entries[] = {
    { "arch", 0, 0, G_OPTION_ARG_FILENAME, &architecture, "Which image of an index to take (this machine's)", "ARCH" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "IMAGE IMAGE...",
    .summary = "Tells what hosts download from each image of a row to the next, to the third and to the sixth after it; oldest first.\n"
               "Only manifests and configs are read.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .images = varve_image_options_group (&options),
    .min_arguments = 2,
    .max_arguments = G_MAXINT,
  };
  g_autoptr (GError) error = NULL;
  if (!varve_session_parse (session, &syntax, &argc, &argv))
    return VARVE_EXIT_USAGE;
  int status = images (session, &options, architecture, argv + 1, &error);
  return error != NULL ? varve_session_fail (session, error) : status;
}
