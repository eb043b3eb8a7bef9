#pragma once

#include <gio/gio.h>

#include "base/observer.h"

#define VARVE_JOBS_ALL G_MININT /* what no user gives */

/* What every verb needs while it runs: signals that cancel it, its progress on stderr, its common options. */
typedef struct {
  GCancellable *cancellable;
  VarveObserver *observer;
  gboolean json, quiet;
  int jobs; /* VARVE_JOBS_ALL, or as given */
} VarveSession;

/* Blocks SIGINT and SIGTERM in all threads; from then on the first of them cancels, the second kills. */
VarveSession *varve_session_new (void);
void varve_session_free (VarveSession *session);

/* Parses @argv of a verb: its own entries and --quiet, --help, with --json and --jobs where asked for. What is left are the arguments,
 * which must be @min_arguments to @max_arguments. On a usage error it is printed and FALSE returned. */
typedef enum {
  VARVE_OPTIONS_PLAIN = 0,
  VARVE_OPTIONS_JSON = 1 << 0,
  VARVE_OPTIONS_JOBS = 1 << 1,
} VarveOptionFlags;

typedef struct {
  const char *parameters; /* "IMAGE --repo REPO" */
  const char *summary;
  const GOptionEntry *entries;
  VarveOptionFlags flags;
  GOptionGroup *images; /* from varve_image_options_group(), or NULL; taken */
  int min_arguments, max_arguments;
} VarveSyntax;

gboolean varve_session_parse (VarveSession *session, const VarveSyntax *syntax, int *argc, char ***argv);

/* Shows progress from here to varve_session_stop(), unless --quiet. */
void varve_session_start (VarveSession *session);
/* Ends the progress line and prints what warnings are left. */
void varve_session_stop (VarveSession *session);

/* Prints the error and gives the exit status that belongs to it: 2 for wrong usage, 128 and the signal when cancelled by one, else 1. */
int varve_session_fail (VarveSession *session, const GError *error);

/* Cores to use: --jobs, or all. */
guint varve_session_jobs (const VarveSession *session);
/* Blobs to move at the same time: --jobs, or 6 as skopeo does; the network, not the cores, sets the pace. */
guint varve_session_streams (const VarveSession *session);
