#include <stdio.h>

#include "base/error.h"
#include "bench/replay.h"
#include "build/build.h"
#include "cli/commands.h"
#include "cli/print.h"

static void
print_row (const char *name, const VarveTallyResult *tally, double ratio)
{
  g_autofree char *mean = varve_format_size (tally->mean_bytes), *median = varve_format_size (tally->median_bytes);
  g_autofree char *p90 = varve_format_size (tally->p90_bytes), *lag3 = varve_format_size (tally->lag3_mean_bytes);
  printf ("%-20s %6.3f %9s %9s %9s %9s %7u\n", name, ratio, mean, median, p90, lag3, tally->max_layers);
}

static void
print_replay (const VarveReplayResult *result)
{
  g_autofree char *full = varve_format_size (result->bound.full_mean_bytes);
  printf ("%u updates of a system of %s\n\n", result->bound.steps, full);
  printf ("%-20s %6s %9s %9s %9s %9s %7s\n", "", "RATIO", "MEAN", "MEDIAN", "90 %", "LAG 3", "LAYERS");
  for (guint i = 0; i < result->rows->len; i++)
    {
      const VarveReplayRow *row = &g_array_index (result->rows, VarveReplayRow, i);
      print_row (row->policy, &row->tally, row->ratio);
    }
  print_row ("bound", &result->bound, 1);
}

static int
replay (VarveSession *session, const VarveReplayOptions *options, GError **error)
{
  if (options->components_path == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--components is missing: the table of packages with their sizes");
      return 1;
    }
  varve_session_start (session);
  g_autoptr (VarveReplayResult) result = varve_replay_run (options, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (result == NULL)
    return 1;
  g_autoptr (json_object) json = varve_replay_to_json (result);
  if (session->json)
    varve_print_json (json);
  else
    print_replay (result);
  return 0;
}

int
varve_cmd_bench_replay (VarveSession *session, int argc, char **argv)
{
  g_autofree char *components = NULL;
  g_auto (GStrv) warm_up = NULL, policies = NULL;
  int layers = VARVE_MAX_LAYERS_DEFAULT;
  const GOptionEntry entries[] = {
    { "components", 0, 0, G_OPTION_ARG_FILENAME, &components, "Table of packages: source, bytes, changelog entries", "TSV" },
    { "warm-up", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &warm_up, "Releases that come before and are not counted (the first 20 of HISTORY)", "HISTORY" },
    { "layers", 0, 0, G_OPTION_ARG_INT, &layers, "Layers at most, the commit layer not counted (64)", "N" },
    { "policy", 0, 0, G_OPTION_ARG_STRING_ARRAY, &policies, "Only this one; may be given several times (all)", "NAME" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "HISTORY... --components TSV",
    .summary = "Replays a package history: what each update costs with each way of packing layers, against the bound.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .min_arguments = 1,
    .max_arguments = G_MAXINT,
  };
  g_autoptr (GError) error = NULL;
  if (!varve_session_parse (session, &syntax, &argc, &argv))
    return VARVE_EXIT_USAGE;
  VarveReplayOptions options = {
    .history_paths = (const char *const *)(argv + 1),
    .warm_up_paths = (const char *const *)warm_up,
    .components_path = components,
    .policies = (const char *const *)policies,
    .max_layers = (guint32)layers,
    .jobs = varve_session_jobs (session),
  };
  int status = replay (session, &options, &error);
  return error != NULL ? varve_session_fail (session, error) : status;
}
