#pragma once

#include <gio/gio.h>

/* Another program, run without a shell. It has no standard input, none of our open files but those named, its own
 * process group, and no signal blocked. */

typedef struct {
  const char *const *argv; /* the program's path first; ends with NULL */
  const char *const *environment;
  const int *fds; /* become 3, 4, … in it; they stay ours */
  guint n_fds;
  gsize max_output_bytes; /* of stdout; what goes beyond is VARVE_ERROR_LIMIT */
  /* Called some times a second while it runs; may be NULL. */
  void (*watch) (gpointer data);
  gpointer watch_data;
} VarveChildSetup;

/* A program that runs while we do other things. */
typedef struct _VarveChild VarveChild;

VarveChild *varve_child_start (const VarveChildSetup *setup, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends it if it still runs: first SIGTERM, after some seconds SIGKILL. */
void varve_child_free (VarveChild *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveChild, varve_child_free)
/* Whether it ends by itself within so long. */
gboolean varve_child_wait (VarveChild *child, guint milliseconds);
/* The last part of what it wrote to stderr so far; the caller owns it. */
char *varve_child_messages (VarveChild *child);

typedef struct {
  int status;     /* the exit status, or 128 and the signal */
  GBytes *output; /* stdout */
  char *messages; /* the last part of stderr */
} VarveChildResult;

/* Runs it to its end, and ends it when cancelled. It dies with the calling thread. FALSE only when it could not be run
 * to an end of its own. */
gboolean varve_child_run (const VarveChildSetup *setup, VarveChildResult *out_result, GCancellable *cancellable,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_child_result_clear (VarveChildResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarveChildResult, varve_child_result_clear)
