/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <sys/resource.h>

/* The only way to run another program. No shell is involved. The program gets its own process group, an unblocked
 * signal mask, and none of our open files other than those given here. */

typedef struct {
  /* The program first; ends with NULL. A name without a slash is searched for in our PATH. */
  const char *const *argv;
  const char *const *environment; /* ends with NULL; NULL: our own */
  int stdin_fd;                   /* read from its current offset; 0 or -1: /dev/null */
  int stdout_fd;                  /* 0 or -1: a file in memory, which becomes the result's output */
  const int *fds;                 /* become 3, 4, … in the program; the caller still closes them */
  guint n_fds;
  gsize max_output_bytes; /* of stdout in memory; more is VARVE_ERROR_LIMIT */
  /* Called several times a second while varve_child_run() waits; may be NULL. */
  void (*watch) (gpointer data);
  gpointer watch_data;
} VarveChildSetup;

/* A program that runs in the background. */
typedef struct _VarveChild VarveChild;

VarveChild *varve_child_start (const VarveChildSetup *setup, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the program if it still runs: SIGTERM first, SIGKILL some seconds later. */
void varve_child_free (VarveChild *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveChild, varve_child_free)
/* Whether the program ends before the timeout. */
gboolean varve_child_wait (VarveChild *child, guint milliseconds);
/* The last part of its stderr so far; the caller owns it. */
char *varve_child_messages (VarveChild *child);

typedef struct {
  int status;          /* the exit status, or 128 and the signal */
  GBytes *output;      /* stdout; empty with a stdout_fd */
  char *messages;      /* the last part of stderr */
  struct rusage usage; /* of the program and the children it waited for */
} VarveChildResult;

/* Runs a program to its end; kills it when cancelled, or when the calling thread ends. Any exit status is TRUE: the
 * caller looks at @out_result->status. */
gboolean varve_child_run (const VarveChildSetup *setup, VarveChildResult *out_result, GCancellable *cancellable,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_child_result_clear (VarveChildResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveChildResult, varve_child_result_clear)
