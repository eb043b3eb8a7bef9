/* SPDX-License-Identifier: Apache-2.0 */
/* `varve delta` and its smallest verb, inspect. */
#include "cli/commands.h"
#include "cli/delta-place.h"
#include "cli/print-delta.h"
#include "cli/print.h"
#include "cli/subverbs.h"
#include "delta/delta-report.h"

static int
inspect (VarveSession *session, gpointer data, char **operands, GError **error)
{
  g_autoptr (VarveDelta) delta = varve_delta_place_open (data, session, VARVE_SIDE_SOURCE, operands[0], error);
  if (delta == NULL)
    return 1;
  g_autoptr (json_object) json = varve_delta_to_json (delta, operands[0]);
  if (session->json)
    varve_print_json (json);
  else
    varve_print_delta (delta, operands[0]);
  return 0;
}

static int
cmd_inspect (VarveSession *session, int argc, char **argv)
{
  VarveImageOptions images = VARVE_IMAGE_OPTIONS_INIT (VARVE_IMAGES_ONE_SIDE);
  const GOptionEntry entries[] = { { NULL } };
  VarveSyntax syntax = {
    .parameters = "DELTA",
    .summary = "Shows the contents of a delta and the cost of applying it.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .images = &images,
    .min_arguments = 1,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, inspect, &images);
}

int
varve_cmd_delta (VarveSession *session, int argc, char **argv)
{
  static const VarveSubverb VERBS[] = {
    { "create", "OLD NEW OUT", "create a delta from one image to another", varve_cmd_delta_create },
    { "apply", "--from IMAGE|REPO|DIR DELTA TARGET", "rebuild the new image from the old one and a delta",
      varve_cmd_delta_apply },
    { "merge", "FIRST SECOND OUT", "make one delta out of two, without the images", varve_cmd_delta_merge },
    { "inspect", "DELTA", "show the contents of a delta and the cost of applying it", cmd_inspect },
  };
  return varve_subverbs_run (session, "delta", VERBS, G_N_ELEMENTS (VERBS), argc, argv);
}
