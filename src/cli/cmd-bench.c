#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"

typedef struct {
  const char *name;
  int (*run) (VarveSession *session, int argc, char **argv);
  const char *summary;
} Measure;

static const Measure MEASURES[] = {
  { "images", varve_cmd_bench_images, "a row of images: what each update downloads, against what changed" },
  { "commits", varve_cmd_bench_commits, "the same for commits, built with and without the image before" },
  { "deltas", varve_cmd_bench_deltas, "encode what changed between two images, beside zstd --patch-from and bsdiff" },
  { "replay", varve_cmd_bench_replay, "replay a package history: what updates cost, against the bound and other packers" },
  { "speed", varve_cmd_bench_speed, "time builds on this machine, against the limit" },
};

static void
print_usage (FILE *out)
{
  fputs ("Usage: varve bench MEASURE [OPTION...]\n\n", out);
  for (guint i = 0; i < G_N_ELEMENTS (MEASURES); i++)
    fprintf (out, "  %-10s %s\n", MEASURES[i].name, MEASURES[i].summary);
  fputs ("\n'varve bench MEASURE --help' tells its options; varve-bench(1) tells all.\n", out);
}

int
varve_cmd_bench (VarveSession *session, int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : NULL;
  gboolean asks_help = word != NULL && (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0);
  if (word == NULL || asks_help)
    {
      print_usage (asks_help ? stdout : stderr);
      return asks_help ? 0 : VARVE_EXIT_USAGE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (MEASURES); i++)
    if (strcmp (word, MEASURES[i].name) == 0)
      {
        g_autofree char *name = g_strconcat ("varve bench ", word, NULL);
        g_set_prgname (name);
        return MEASURES[i].run (session, argc - 1, argv + 1);
      }
  g_autofree char *escaped = varve_escape (word);
  fprintf (stderr, "varve bench: '%s' is not a measure\nTry 'varve bench --help'.\n", escaped);
  return VARVE_EXIT_USAGE;
}
