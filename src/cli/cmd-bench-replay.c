/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "bench/replay.h"
#include "cli/build-options.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "compose/build.h"

typedef struct {
  char *components;
  char **warm_up, **policies;
  int layers;
  double stale;
} Arguments;

static void
print_row (const char *name, const VarveTallyResult *tally, double ratio)
{
  g_autofree char *mean = varve_format_size (tally->mean_bytes), *median = varve_format_size (tally->median_bytes);
  g_autofree char *p90 = varve_format_size (tally->p90_bytes), *lag3 = varve_format_size (tally->lag3_mean_bytes);
  g_autofree char *full = varve_format_size (tally->full_mean_bytes);
  printf ("%-20s %6.3f %9s %9s %9s %9s %9s %5.1f %% %7u\n", name, ratio, mean, median, p90, lag3, full,
          100 * varve_tally_stale_share (tally), tally->max_layers);
}

static void
print_replay (const VarveReplayResult *result)
{
  g_autofree char *full = varve_format_size (result->bound.full_mean_bytes);
  printf ("%u updates of a system of %s\n\n", result->bound.steps, full);
  printf ("%-20s %6s %9s %9s %9s %9s %9s %7s %7s\n", "", "RATIO", "MEAN", "MEDIAN", "90 %", "LAG 3", "FULL", "STALE",
          "LAYERS");
  for (guint i = 0; i < result->rows->len; i++)
    {
      const VarveReplayRow *row = &g_array_index (result->rows, VarveReplayRow, i);
      print_row (row->policy, &row->tally, row->ratio);
    }
  print_row ("bound", &result->bound, 1);
}

static int
replay (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveReplayOptions options = {
    .history_paths = (const char *const *)operands,
    .warm_up_paths = (const char *const *)arguments->warm_up,
    .components_path = arguments->components,
    .policies = (const char *const *)arguments->policies,
    .max_layers = (guint32)arguments->layers,
    .jobs = varve_session_jobs (session),
  };
  if (!varve_stale_permille (arguments->stale, &options.stale_permille, error))
    return 1;
  if (options.components_path == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                           "--components is missing: the table of packages with their sizes");
      return 1;
    }
  varve_session_start (session);
  g_autoptr (VarveReplayResult) result = varve_replay_run (&options, session->observer, session->cancellable, error);
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
  Arguments arguments = { .layers = VARVE_MAX_LAYERS_DEFAULT, .stale = VARVE_STALE_PERMILLE_DEFAULT / 10.0 };
  const GOptionEntry entries[] = {
    { "components", 0, 0, G_OPTION_ARG_FILENAME, &arguments.components,
      "Table of packages: source, bytes, dates or number of changelog entries", "TSV" },
    { "warm-up", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments.warm_up,
      "Earlier releases, which are not counted (the first 20 of HISTORY)", "HISTORY" },
    { "layers", 0, 0, G_OPTION_ARG_INT, &arguments.layers, "At most N layers, the commit layer not counted (64)", "N" },
    { "stale", 0, 0, G_OPTION_ARG_DOUBLE, &arguments.stale,
      "Policy varve keeps layers with changed packages, up to this share of an image (1)", "PERCENT" },
    { "policy", 0, 0, G_OPTION_ARG_STRING_ARRAY, &arguments.policies,
      "Only this policy; may be given several times (all)", "varve|ostree-ext|ostree-ext-previous|chunkah" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "HISTORY... --components TSV",
    .summary = "Replays a package history: the download of each update with each packer, against the bound.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .min_arguments = 1,
    .max_arguments = G_MAXINT,
  };
  return varve_session_run (session, &syntax, argc, argv, replay, &arguments);
}
