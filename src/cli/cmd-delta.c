#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/delta-place.h"
#include "cli/print-delta.h"
#include "cli/print.h"
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
    .summary = "Shows what a delta is made of, and what applying it costs.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON,
    .images = &images,
    .min_arguments = 1,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, inspect, &images);
}

typedef struct {
  const char *name;
  int (*run) (VarveSession *session, int argc, char **argv);
  const char *parameters, *summary;
} DeltaVerb;

static const DeltaVerb VERBS[] = {
  { "create", varve_cmd_delta_create, "OLD NEW OUT", "make a delta from one image to another" },
  { "apply", varve_cmd_delta_apply, "--from IMAGE|REPO|DIR DELTA TARGET", "make the new image from the old one and a delta" },
  { "inspect", cmd_inspect, "DELTA", "show what a delta is made of, and what applying it costs" },
};

static void
print_usage (FILE *out)
{
  fputs ("Usage:\n", out);
  for (guint i = 0; i < G_N_ELEMENTS (VERBS); i++)
    fprintf (out, "  varve delta %s %s [OPTION...]\n      %s\n", VERBS[i].name, VERBS[i].parameters, VERBS[i].summary);
  fputs ("\n'varve delta create --help' and so on tell the options; varve-delta(1) tells all.\n", out);
}

int
varve_cmd_delta (VarveSession *session, int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : NULL;
  gboolean asks_help = word != NULL && (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0);
  if (word == NULL || asks_help)
    {
      print_usage (asks_help ? stdout : stderr);
      return asks_help ? 0 : VARVE_EXIT_USAGE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (VERBS); i++)
    if (strcmp (word, VERBS[i].name) == 0)
      {
        g_autofree char *name = g_strconcat ("varve delta ", word, NULL);
        g_set_prgname (name);
        return VERBS[i].run (session, argc - 1, argv + 1);
      }
  g_autofree char *escaped = varve_escape (word);
  fprintf (stderr, "varve delta: '%s' is not a verb\nTry 'varve delta --help'.\n", escaped);
  return VARVE_EXIT_USAGE;
}
