/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"

#define VARVE_EXIT_USAGE 2
#define VARVE_EXIT_ANSWER_NO 3

#define VARVE_JOBS_ALL G_MININT /* outside the valid range */

typedef struct VarveImageOptions VarveImageOptions;

/* Shared by all verbs: cancellation by signals, progress on stderr, common options. */
typedef struct {
  GCancellable *cancellable;
  VarveObserver *observer;
  gboolean dumps; /* verbs only list their options: varve --dump-options */
  gboolean json, quiet;
  int lock_timeout;     /* seconds */
  int jobs;             /* VARVE_JOBS_ALL, or the value of --jobs */
  GPtrArray *arguments; /* owns the strings that replace elements of argv */
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
  VARVE_OPTIONS_LOCK = 1 << 2, /* a verb that writes layouts */
} VarveOptionFlags;

typedef struct {
  const char *parameters; /* "IMAGE --repo REPO" */
  const char *summary;
  const GOptionEntry *entries; /* the strings they set are freed after the verb */
  VarveOptionFlags flags;
  VarveImageOptions *images; /* or NULL; cleared after the verb */
  int min_arguments, max_arguments;
} VarveSyntax;

/* Runs a verb. @arguments holds its parsed options, @operands the remaining arguments, ended by NULL. Returns the exit
 * status, which is ignored if @error is set. */
typedef int (*VarveVerb) (VarveSession *session, gpointer arguments, char **operands, GError **error);

/* Parses @argv (the verb's own options, --quiet and --help; --json, --jobs and registry options if @syntax asks for
 * them), checks the number of operands, and runs the verb. Prints errors. Returns the exit status. */
int varve_session_run (VarveSession *session, const VarveSyntax *syntax, int argc, char **argv, VarveVerb verb,
                       gpointer arguments);

/* Shows progress until varve_session_stop(), unless --quiet is given. */
void varve_session_start (VarveSession *session);
/* Ends the progress line and prints the remaining warnings. */
void varve_session_stop (VarveSession *session);

/* Cores to use: --jobs, or all. */
guint varve_session_jobs (const VarveSession *session);
/* Blobs to move at the same time: --jobs, or 6 as skopeo does; the network, not the cores, sets the pace. */
guint varve_session_streams (const VarveSession *session);
