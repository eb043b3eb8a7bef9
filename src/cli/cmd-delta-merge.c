/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/delta-place.h"
#include "cli/print-delta.h"
#include "cli/print.h"
#include "delta/create-options.h"
#include "delta/delta-report.h"
#include "delta/merge.h"

typedef struct {
  char *work;
  int level;
  VarveImageOptions images;
} Arguments;

static gboolean
make_delta (VarveSession *session, const Arguments *arguments, char **operands, GError **error)
{
  const VarveImageOptions *images = &arguments->images;
  VarveMergeDeltasOptions options = { .jobs = varve_session_jobs (session),
                                      .level = arguments->level,
                                      .work_path = arguments->work,
                                      .observer = session->observer };
  if (options.level < 1 || options.level > 22)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--level %d: expected 1 to 22", options.level);
      return FALSE;
    }
  g_autoptr (VarveReference) target
      = varve_delta_place_parse (images, session, VARVE_SIDE_DESTINATION, operands[2], error);
  g_autoptr (VarveDelta) first
      = target != NULL ? varve_delta_place_open (images, session, VARVE_SIDE_SOURCE, operands[0], error) : NULL;
  g_autoptr (VarveDelta) second
      = first != NULL ? varve_delta_place_open (images, session, VARVE_SIDE_SOURCE, operands[1], error) : NULL;
  return second != NULL && varve_delta_merge (first, second, target, &options, session->cancellable, error);
}

static int
merge (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  varve_session_start (session);
  gboolean done = make_delta (session, arguments, operands, error);
  varve_session_stop (session);
  g_autoptr (VarveDelta) delta
      = done ? varve_delta_place_open (&arguments->images, session, VARVE_SIDE_DESTINATION, operands[2], error) : NULL;
  if (delta == NULL)
    return 1;
  g_autoptr (json_object) json = varve_delta_to_json (delta, operands[2]);
  if (session->json)
    varve_print_json (json);
  else
    varve_print_delta (delta, operands[2]);
  return 0;
}

int
varve_cmd_delta_merge (VarveSession *session, int argc, char **argv)
{
  Arguments arguments
      = { .level = VARVE_DELTA_LEVEL_DEFAULT, .images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_TWO_SIDES) };
  const GOptionEntry entries[] = {
    { "level", 0, 0, G_OPTION_ARG_INT, &arguments.level, "zstd level of the delta: 1 to 22 (19)", "N" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Folder for temporary files ($TMPDIR, else /var/tmp)",
      "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "FIRST SECOND OUT",
    .summary = "Makes one delta out of two: FIRST leads to the image that SECOND starts from. No image is needed.\n"
               "OUT is oci:DIR[:REF], oci-archive:FILE[:REF], docker://HOST/NAME:TAG, or a file.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS | VARVE_OPTIONS_LOCK,
    .images = &arguments.images,
    .min_arguments = 3,
    .max_arguments = 3,
  };
  return varve_session_run (session, &syntax, argc, argv, merge, &arguments);
}
