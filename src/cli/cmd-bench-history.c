/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/error.h"
#include "bench/dated-history.h"
#include "bench/lines.h"
#include "cli/commands.h"
#include "cli/text-file.h"

typedef struct {
  char *repo, *rootfs, *components, *packages, *mapping, *since, *until;
  int days;
} Arguments;

static gboolean
parse_date (const char *option, const char *text, gint64 *out_time, GError **error)
{
  g_autoptr (GError) problem = NULL;
  if (text == NULL || varve_lines_parse_date (text, out_time, &problem))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "%s: %s", option, problem->message);
  return FALSE;
}

static gboolean
usage_fail (const char *message, GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_USAGE, message);
  return FALSE;
}

static gboolean
check_arguments (const Arguments *arguments, char **operands, GError **error)
{
  if ((arguments->repo != NULL) == (arguments->rootfs != NULL))
    return usage_fail ("expected either --repo REPO and a ref, or --rootfs DIR", error);
  if ((arguments->repo != NULL) != (operands[0] != NULL))
    return usage_fail (arguments->repo != NULL ? "expected a ref or a commit of the repository"
                                               : "unexpected argument: --rootfs takes no ref",
                       error);
  if (arguments->components == NULL)
    return usage_fail ("--components is missing: the file to write the table of packages to", error);
  if (arguments->days >= 1)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "--days %d: expected at least 1", arguments->days);
  return FALSE;
}

static int
history (VarveSession *session, gpointer data, char **operands, GError **error)
{
  const Arguments *arguments = data;
  VarveDatedHistoryOptions options = VARVE_DATED_HISTORY_OPTIONS_INIT;
  VarveDatedSystem system = {
    .repo_path = arguments->repo,
    .ref = operands[0],
    .rootfs_path = arguments->rootfs,
    .owners = VARVE_OWNERS_OPTIONS_INIT,
    .jobs = varve_session_jobs (session),
  };
  options.interval_days = (guint)arguments->days;
  system.owners.mapping_path = arguments->mapping;
  if (!check_arguments (arguments, operands, error) || !parse_date ("--since", arguments->since, &options.since, error)
      || !parse_date ("--until", arguments->until, &options.until, error)
      || (arguments->packages != NULL
          && !varve_packages_kind_from_string (arguments->packages, &system.owners.kind, error)))
    return 1;
  varve_session_start (session);
  g_autoptr (VarveDatedHistory) dated
      = varve_dated_history_read (&system, &options, session->observer, session->cancellable, error);
  if (dated != NULL && dated->n_undated > 0)
    varve_observer_warn (session->observer, "%u of %u packages have no date and never change in the history",
                         dated->n_undated, dated->n_packages);
  varve_session_stop (session);
  if (dated == NULL || !varve_write_text_file (arguments->components, dated->components->str, error))
    return 1;
  fputs (dated->releases->str, stdout);
  return 0;
}

int
varve_cmd_bench_history (VarveSession *session, int argc, char **argv)
{
  Arguments arguments = { .days = 7 };
  const GOptionEntry entries[] = {
    { "repo", 0, 0, G_OPTION_ARG_FILENAME, &arguments.repo, "OSTree repository that the commit is in", "REPO" },
    { "rootfs", 0, 0, G_OPTION_ARG_FILENAME, &arguments.rootfs, "A tree instead of a commit", "DIR" },
    { "components", 0, 0, G_OPTION_ARG_FILENAME, &arguments.components, "Where to write the table of packages", "TSV" },
    { "since", 0, 0, G_OPTION_ARG_STRING, &arguments.since, "Day of the first release (two years before the last)",
      "DATE" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &arguments.until, "Latest day of a release (the newest change)", "DATE" },
    { "days", 0, 0, G_OPTION_ARG_INT, &arguments.days, "Days from one release to the next (7)", "N" },
    { "packages", 0, 0, G_OPTION_ARG_STRING, &arguments.packages, "Package database (auto)",
      "auto|rpm|dpkg|pacman|apk|none" },
    { "mapping", 0, 0, G_OPTION_ARG_FILENAME, &arguments.mapping, "Which component owns what, as for varve build",
      "FILE" },
    { NULL },
  };
  VarveSyntax syntax = {
    .parameters = "--repo REPO REF|COMMIT|--rootfs DIR --components TSV",
    .summary = "Writes a package history from the dates in the system's own package databases, for varve bench replay.",
    .entries = entries,
    .flags = VARVE_OPTIONS_JOBS,
    .min_arguments = 0,
    .max_arguments = 1,
  };
  return varve_session_run (session, &syntax, argc, argv, history, &arguments);
}
