/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "bench/commit-rows.h"
#include "cli/build-options.h"
#include "cli/commands.h"
#include "cli/print-row.h"
#include "cli/print.h"

typedef struct {
  VarveBuildArguments build;
  char *work;
} Arguments;

static int
commits (VarveSession *session, gpointer data, char **operands, GError **error)
{
  Arguments *arguments = data;
  VarveBuildArguments *build = &arguments->build;
  if (build->build.draft.previous.names != NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                           "--previous: not possible here, since the builds themselves are the previous images");
      return 1;
    }
  if (build->repo == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                           "--repo is missing: the OSTree repository that the commits are in");
      return 1;
    }
  char *first[] = { operands[0], NULL };
  const char *image;
  if (!varve_build_arguments_finish (build, session, first, &image, error))
    return 1;
  VarveCommitRowsOptions options = {
    .build = &build->build,
    .commits = (const char *const *)operands,
    .work_path = arguments->work,
  };
  varve_session_start (session);
  g_autoptr (VarveCommitRows) rows
      = varve_commit_rows_measure (&options, session->observer, session->cancellable, error);
  varve_session_stop (session);
  if (rows == NULL)
    return 1;
  g_autoptr (json_object) json = varve_commit_rows_to_json (rows);
  if (session->json)
    varve_print_json (json);
  else
    varve_print_row (rows->previous, "WITH --previous", rows->afresh, "WITHOUT --previous");
  return 0;
}

int
varve_cmd_bench_commits (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { 0 };
  GOptionEntry common[VARVE_BUILD_ENTRIES_MAX];
  varve_build_arguments_init (&arguments.build, common);
  const GOptionEntry own[] = {
    { "work-dir", 0, 0, G_OPTION_ARG_FILENAME, &arguments.work,
      "Keep the layouts 'previous' and 'afresh' there (default: a temporary folder in TMPDIR, else /var/tmp)", "DIR" },
    { NULL },
  };
  guint n_common = 0;
  for (; common[n_common].long_name != NULL; n_common++)
    if (g_str_has_prefix (common[n_common].long_name, "previous"))
      common[n_common].flags |= G_OPTION_FLAG_HIDDEN;
  memcpy (&common[n_common], own, sizeof own);
  VarveSyntax syntax = {
    .parameters = "--repo REPO REF|COMMIT REF|COMMIT...",
    .summary = "Builds each commit with the previous image as --previous, and without one, and reports what hosts "
               "download; oldest first.",
    .entries = common,
    .flags = VARVE_OPTIONS_JSON | VARVE_OPTIONS_JOBS,
    .min_arguments = 2,
    .max_arguments = G_MAXINT,
  };
  int status = varve_session_run (session, &syntax, argc, argv, commits, &arguments);
  varve_build_arguments_clear (&arguments.build);
  return status;
}
