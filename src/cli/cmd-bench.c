#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

typedef struct {
  const char *name;
  int (*run) (VarveSession *session, int argc, char **argv);
  const char *summary;
} Measure;

static const Measure MEASURES[] = {
  { "replay", varve_cmd_bench_replay, "replay a package history: what updates cost, against the bound and other packers" },
  { "speed", varve_cmd_bench_speed, "time builds on this machine, against the limit" },
};

static void
print_usage (FILE *out)
{
  fputs ("Usage: varve bench MEASURE [OPTION...]\n\n", out);
  for (guint i = 0; i < G_N_ELEMENTS (MEASURES); i++)
    fprintf (out, "  %-10s %s\n", MEASURES[i].name, MEASURES[i].summary);
  fputs ("\nSee 'varve bench MEASURE --help'.\n", out);
}

int
varve_cmd_bench (VarveSession *session, int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : "";
  for (guint i = 0; i < G_N_ELEMENTS (MEASURES); i++)
    if (strcmp (name, MEASURES[i].name) == 0)
      {
        g_autofree char *program = g_strdup_printf ("varve bench %s", name);
        g_set_prgname (program);
        return MEASURES[i].run (session, argc - 1, argv + 1);
      }
  gboolean asks_help = strcmp (name, "--help") == 0;
  print_usage (asks_help ? stdout : stderr);
  return asks_help ? 0 : VARVE_EXIT_USAGE;
}
