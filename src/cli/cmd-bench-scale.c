/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "bench/scale.h"
#include "cli/byte-size.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "compose/draft.h"

enum { COPIES_DEFAULT = 8 };

typedef struct {
  char *repo, *work, *steps, *cut;
  int copies, max_layers;
} Arguments;

static void
print_sizes (const VarveScaleResult *result)
{
  for (guint i = 0; i < result->n_rows; i++)
    {
      const VarveScaleRow *row = &result->rows[i];
      g_autofree char *bytes = varve_format_size (row->bytes);
      printf ("%u ×: %" G_GUINT64_FORMAT " files, %s, %" G_GUINT64_FORMAT " packages\n", row->copies, row->files, bytes,
              row->packages);
    }
}

static void
print_step (const VarveScaleResult *result, guint step)
{
  printf ("%-9s CPU time", varve_scale_step_to_string ((VarveScaleStep)step));
  for (guint i = 0; i < result->n_rows; i++)
    printf (" %8.2f s", result->rows[i].costs[step].cpu_seconds);
  if (result->n_rows > 1)
    printf ("  exponent %5.2f", result->cpu_exponents[step]);
  printf ("\n%-9s time    ", "");
  for (guint i = 0; i < result->n_rows; i++)
    printf (" %8.2f s", result->rows[i].costs[step].seconds);
  printf ("\n%-9s memory  ", "");
  for (guint i = 0; i < result->n_rows; i++)
    {
      g_autofree char *memory = varve_format_size (result->rows[i].costs[step].peak_memory_bytes);
      printf (" %10s", memory);
    }
  if (result->n_rows > 1)
    printf ("  exponent %5.2f", result->memory_exponents[step]);
  puts ("");
}

static int
scale (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveScaleResult result;
  VarveScaleOptions options = {
    .repo_path = arguments->repo,
    .ref = operands[0],
    .work_path = arguments->work,
    .copies = (guint)MAX (arguments->copies, 0),
    .cut_bytes = G_MAXUINT64,
    .steps = (1u << VARVE_SCALE_STEPS) - 1,
    .max_layers = (guint32)arguments->max_layers,
    .jobs = varve_session_jobs (session),
  };
  if (options.repo_path == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                           "--repo is missing: the OSTree repository that the commit is in");
      return 1;
    }
  if ((arguments->steps != NULL && !varve_scale_steps_parse (arguments->steps, &options.steps, error))
      || (arguments->cut != NULL && !varve_byte_size_parse (arguments->cut, "--cut", &options.cut_bytes, error)))
    return 1;
  varve_session_start (session);
  gboolean done = varve_scale_measure (&options, &result, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (!done)
    return 1;
  if (session->json)
    {
      g_autoptr (json_object) json = varve_scale_to_json (&result);
      varve_print_json (json);
      return 0;
    }
  print_sizes (&result);
  for (guint step = 0; step < VARVE_SCALE_STEPS; step++)
    if ((result.steps & 1u << step) != 0)
      print_step (&result, step);
  return 0;
}

int
varve_cmd_bench_scale (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .copies = COPIES_DEFAULT, .max_layers = VARVE_MAX_LAYERS_DEFAULT };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo, "OSTree repository that the commit is in", "REPO" },
    { "copies", 0, 0, G_OPTION_ARG_INT, &arguments.copies, "Grow to N copies, a power of two (8)", "N" },
    { "cut", 0, 0, G_OPTION_ARG_FILENAME, &arguments.cut, "Take at most N bytes of each file (all)", "N" },
    { "steps", 0, 0, G_OPTION_ARG_FILENAME, &arguments.steps,
      "What to measure: a list of plan, build, rebuild, verify, diff, delta and prefetch (all)", "STEP,..." },
    { "max-layers", 0, 0, G_OPTION_ARG_INT, &arguments.max_layers, "At most N layers (64)", "N" },
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work, "Where to put temporary files (TMPDIR, else /var/tmp)",
      "DIR" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "--repo REPO REF|COMMIT",
    .summary = "Measures how time and memory grow when the commit's files are there once, twice, four times, ...",
    .entries = entries,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .min_arguments = 1,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, scale, &arguments);
}
