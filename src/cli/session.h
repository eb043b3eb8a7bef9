#pragma once

#include <gio/gio.h>

#include "base/observer.h"

#define VARVE_JOBS_ALL G_MININT /* what no user gives */

typedef struct VarveImageOptions VarveImageOptions;

/* What every verb needs while it runs: signals that cancel it, its progress on stderr, its common options. */
typedef struct {
  GCancellable *cancellable;
  VarveObserver *observer;
  gboolean json, quiet;
  int jobs;             /* VARVE_JOBS_ALL, or as given */
  GPtrArray *arguments; /* strings that stand in argv in place of what the user wrote */
} VarveSession;

/* Once in a process. Blocks SIGINT and SIGTERM in all threads: the first of them cancels, the second kills. Output to
 * stdout is held back until varve_session_finish(). */
VarveSession *varve_session_new (void);
/* After the verb: prints the remaining warnings and writes stdout; from here on the first signal kills. Gives @status,
 * or 1 when stdout cannot be written. */
int varve_session_finish (VarveSession *session, int status);
void varve_session_free (VarveSession *session);

typedef enum {
  VARVE_OPTIONS_PLAIN = 0,
  VARVE_OPTIONS_JSON = 1 << 0,
  VARVE_OPTIONS_JOBS = 1 << 1,
} VarveOptionFlags;

typedef struct {
  const char *parameters; /* "IMAGE --repo REPO" */
  const char *summary;
  const GOptionEntry *entries; /* strings that they set are freed when the verb has run */
  VarveOptionFlags flags;
  VarveImageOptions *images; /* or NULL; cleared when the verb has run */
  int min_arguments, max_arguments;
} VarveSyntax;

/* What a verb does once its options are where @arguments has them. @operands are what is left, ended by NULL. Gives the
 * exit status; it does not count where @error is set. */
typedef int (*VarveVerb) (VarveSession *session, gpointer arguments, char **operands, GError **error);

/* Parses @argv: the verb's own entries and --quiet, --help, with --json, --jobs and those of registries where asked
 * for; of operands there must be @min_arguments to @max_arguments. Then runs the verb. Errors are printed. Gives the
 * exit status. */
int varve_session_run (VarveSession *session, const VarveSyntax *syntax, int argc, char **argv, VarveVerb verb,
                       gpointer arguments);

/* Shows progress from here to varve_session_stop(), unless --quiet. */
void varve_session_start (VarveSession *session);
/* Ends the progress line and prints what warnings are left. */
void varve_session_stop (VarveSession *session);

/* Cores to use: --jobs, or all. */
guint varve_session_jobs (const VarveSession *session);
/* Blobs to move at the same time: --jobs, or 6 as skopeo does; the network, not the cores, sets the pace. */
guint varve_session_streams (const VarveSession *session);
