#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "config.h"

typedef struct {
  const char *name, *summary;
  int (*run) (VarveSession *session, int argc, char **argv);
} Verb;

static const Verb VERBS[] = {
  { "build", "make an image of an OSTree commit, a tree or an image", varve_cmd_build },
  { "plan", "show what build would do, and write nothing", varve_cmd_plan },
  { "inspect", "show an image's layers and what is in them", varve_cmd_inspect },
  { "diff", "show what an update downloads, and why", varve_cmd_diff },
  { "explain", "tell why something is in its layer, or why layers changed", varve_cmd_explain },
  { "verify", "check every digest and every rule of the format", varve_cmd_verify },
  { "import", "bring an image back into an OSTree repository", varve_cmd_import },
  { "push", "send an image to a registry", varve_cmd_push },
  { "pull", "bring an image from a registry into a layout", varve_cmd_pull },
  { "copy", "copy images from any place to any other", varve_cmd_copy },
  { "index", "make one index of images for several architectures", varve_cmd_index },
  { "prefetch", "fill a host's layer cache ahead of its upgrade", varve_cmd_prefetch },
  { "delta", "make, apply and show deltas between images", varve_cmd_delta },
  { "bench", "measure", varve_cmd_bench },
  { "report", "write a page with plots of what was measured", varve_cmd_report },
};

static void
print_help (FILE *stream)
{
  fputs ("Usage: varve VERB [OPTION...]\n\n"
         "Turns an OSTree commit into a bootable OCI image whose layers stay put.\n\n",
         stream);
  for (guint i = 0; i < G_N_ELEMENTS (VERBS); i++)
    fprintf (stream, "  %-10s %s\n", VERBS[i].name, VERBS[i].summary);
  fputs ("\n'varve VERB --help' tells its options; varve(1) tells all.\n", stream);
}

static int
run_verb (const Verb *verb, int argc, char **argv)
{
  g_autofree char *name = g_strconcat ("varve ", verb->name, NULL);
  g_set_prgname (name);
  VarveSession *session = varve_session_new ();
  int status = varve_session_finish (session, verb->run (session, argc, argv));
  varve_session_free (session);
  return status;
}

int
main (int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : NULL;
  if (word == NULL)
    {
      print_help (stderr);
      return VARVE_EXIT_USAGE;
    }
  if (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0 || strcmp (word, "help") == 0)
    {
      print_help (stdout);
      return 0;
    }
  if (strcmp (word, "--version") == 0)
    {
      puts ("varve " VARVE_VERSION);
      return 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (VERBS); i++)
    if (strcmp (word, VERBS[i].name) == 0)
      return run_verb (&VERBS[i], argc - 1, argv + 1);
  fprintf (stderr, "varve: '%s' is not a verb\nTry 'varve --help'.\n", word);
  return VARVE_EXIT_USAGE;
}
