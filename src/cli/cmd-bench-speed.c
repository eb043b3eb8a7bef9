/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "bench/speed.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "compose/build.h"

enum { RUNS_DEFAULT = 3 };

typedef struct {
  char *repo, *work;
  int runs, level, max_layers;
} Arguments;

static void
print_speed (const VarveSpeedResult *result)
{
  g_autofree char *raw = varve_format_size (result->raw_bytes), *image = varve_format_size (result->image_bytes);
  g_autofree char *memory = varve_format_size (result->peak_memory_bytes);
  printf ("raw      %s, %" G_GUINT64_FORMAT " objects\nimage    %s\n", raw, result->objects, image);
  printf ("build    %.2f s, %.2f s of CPU time\n", result->build_seconds, result->build_cpu_seconds);
  printf ("bound    %.2f s, %.2f s of CPU time: only compressing and hashing the same bytes\n", result->limit_seconds,
          result->limit_cpu_seconds);
  printf ("ratio    %.2f, of CPU time %.2f (medians of the pairs)\n", result->ratio, result->cpu_ratio);
  printf ("rebuild  %.2f s, %.2f of a build\nmemory   at most %s\n", result->rebuild_seconds, result->rebuild_ratio,
          memory);
}

static int
speed (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveSpeedResult result;
  VarveSpeedOptions options = {
    .repo_path = arguments->repo,
    .ref = operands[0],
    .work_path = arguments->work,
    .level = arguments->level,
    .max_layers = (guint32)arguments->max_layers,
    .runs = (guint)MAX (arguments->runs, 0),
    .jobs = varve_session_jobs (session),
  };
  if (options.repo_path == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                           "--repo is missing: the OSTree repository that the commit is in");
      return 1;
    }
  if (!varve_compression_check_level (VARVE_COMPRESSION_ZSTD, options.level, error))
    return 1;
  varve_session_start (session);
  gboolean done = varve_speed_measure (&options, &result, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (!done)
    return 1;
  g_autoptr (json_object) json = varve_speed_to_json (&result);
  if (session->json)
    varve_print_json (json);
  else
    print_speed (&result);
  return 0;
}

int
varve_cmd_bench_speed (VarveSession *session, int argc, char **argv)
{
  Arguments arguments
      = { .runs = RUNS_DEFAULT, .level = VARVE_ZSTD_LEVEL_DEFAULT, .max_layers = VARVE_MAX_LAYERS_DEFAULT };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo, "OSTree repository that the commit is in", "REPO" },
    { "level", 0, 0, G_OPTION_ARG_INT, &arguments.level, "zstd level (6)", "N" },
    { "max-layers", 0, 0, G_OPTION_ARG_INT, &arguments.max_layers, "At most N layers (64)", "N" },
    { "runs", 0, 0, G_OPTION_ARG_INT, &arguments.runs, "How often each step is timed (3)", "N" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Where to put temporary files (TMPDIR, else /var/tmp)",
      "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "--repo REPO REF|COMMIT",
    .summary
    = "Times builds of the commit on this machine against the lower bound: compressing and hashing the same bytes.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .min_arguments = 1,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, speed, &arguments);
}
