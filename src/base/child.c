/* SPDX-License-Identifier: Apache-2.0 */
/* Output goes to files in memory instead of pipes: nothing has to be drained while the child runs, and a daemon that it
 * leaves behind cannot keep a pipe open. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

enum {
  FIRST_FD = 3,
  FDS_ASIDE = 64, /* above every number that a child gets */
  MESSAGES_MAX_BYTES = 8192,
  POLL_FIRST_MS = 1,
  POLL_LAST_MS = 50,
  TERMINATION_MS = 5000, /* from SIGTERM to SIGKILL */
};

struct _VarveChild {
  pid_t pid;     /* 0 after it was waited for */
  int pid_fd;    /* -1: the kernel has none (before Linux 5.3) */
  int stdout_fd; /* -1: the caller gave one */
  int stderr_fd;
  int status;
  struct rusage usage;
};

static int
memory_file (const char *name, GError **error)
{
  int fd = memfd_create (name, MFD_CLOEXEC);
  if (fd < 0)
    varve_set_errno (error, errno, "creating a file in memory");
  return fd;
}

/* In the child: only what signal-safety(7) allows. */

static gboolean
set_aside (int fd, int *out_fd)
{
  int aside = fcntl (fd, F_DUPFD_CLOEXEC, FDS_ASIDE);
  if (aside >= 0)
    *out_fd = aside;
  return aside >= 0;
}

/* On failure *report_fd is still open. */
static gboolean
place_fds (const VarveChildSetup *setup, const VarveChild *child, int *report_fd)
{
  int input, output, messages, aside[FDS_ASIDE - FIRST_FD];
  int null = setup->stdin_fd > 0 ? -1 : open ("/dev/null", O_RDONLY | O_CLOEXEC);
  if (!set_aside (*report_fd, report_fd) || !set_aside (setup->stdin_fd > 0 ? setup->stdin_fd : null, &input)
      || !set_aside (setup->stdout_fd > 0 ? setup->stdout_fd : child->stdout_fd, &output)
      || !set_aside (child->stderr_fd, &messages))
    return FALSE;
  for (guint i = 0; i < setup->n_fds; i++)
    if (!set_aside (setup->fds[i], &aside[i]))
      return FALSE;
  if (dup2 (input, STDIN_FILENO) < 0 || dup2 (output, STDOUT_FILENO) < 0 || dup2 (messages, STDERR_FILENO) < 0)
    return FALSE;
  for (int fd = FIRST_FD; fd < FDS_ASIDE; fd++)
    close (fd);
  close_range (FDS_ASIDE, ~0u, CLOSE_RANGE_CLOEXEC); /* our own files have it anyway, where the kernel lacks the call */
  for (guint i = 0; i < setup->n_fds; i++)
    if (dup2 (aside[i], FIRST_FD + (int)i) < 0)
      return FALSE;
  return TRUE;
}

typedef struct {
  const char *program;
  char *const *environment;
  int report_fd; /* gets the errno of a failure, and nothing when the program runs */
  pid_t parent;  /* 0: the child outlives the thread that started it */
} Execution;

static void
execute (const VarveChildSetup *setup, const VarveChild *child, Execution self)
{
  sigset_t none;
  sigemptyset (&none);
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, self.parent != 0 ? SIGTERM : 0);
  signal (SIGPIPE, SIG_DFL);
  if (self.parent != 0 && getppid () != self.parent)
    _exit (127);
  if (place_fds (setup, child, &self.report_fd) && sigprocmask (SIG_SETMASK, &none, NULL) == 0)
    execve (self.program, (char *const *)setup->argv, self.environment);
  int failure = errno;
  if (write (self.report_fd, &failure, sizeof failure) < 0)
    _exit (126);
  _exit (127);
}

/* In the parent. */

/* The errno of the failure; 0 when the program runs. */
static int
read_report (int fd)
{
  int failure = 0;
  gssize n;
  do
    n = read (fd, &failure, sizeof failure);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return errno;
  return n == sizeof failure ? failure : 0;
}

static int
fork_program (VarveChild *child, const VarveChildSetup *setup, Execution execution)
{
  int report[2];
  if (pipe2 (report, O_CLOEXEC) != 0)
    return errno;
  execution.report_fd = report[1];
  child->pid = fork ();
  if (child->pid == 0)
    execute (setup, child, execution);
  int failure = child->pid < 0 ? errno : 0;
  close (report[1]);
  if (child->pid > 0)
    failure = read_report (report[0]);
  close (report[0]);
  if (child->pid > 0 && failure != 0)
    waitpid (child->pid, NULL, 0);
  if (failure != 0)
    child->pid = 0;
  return failure;
}

static gboolean
child_launch (VarveChild *child, const VarveChildSetup *setup, pid_t parent, GError **error)
{
  const char *name = setup->argv[0];
  g_autofree char *found = strchr (name, '/') == NULL ? g_find_program_in_path (name) : NULL;
  Execution execution = {
    .program = found != NULL ? found : name,
    .environment = setup->environment != NULL ? (char *const *)setup->environment : environ,
    .parent = parent,
  };
  int failure = found == NULL && strchr (name, '/') == NULL ? ENOENT : fork_program (child, setup, execution);
  if (failure != 0)
    {
      g_autofree char *escaped = varve_escape (name);
      return varve_set_errno (error, failure, "running '%s'", escaped);
    }
  child->pid_fd = (int)syscall (SYS_pidfd_open, child->pid, 0);
  return TRUE;
}

static VarveChild *
child_new (const VarveChildSetup *setup, pid_t parent, GError **error)
{
  g_return_val_if_fail (setup->argv != NULL && setup->argv[0] != NULL, NULL);
  g_return_val_if_fail (setup->n_fds < FDS_ASIDE - FIRST_FD, NULL);
  g_autoptr (VarveChild) child = g_new0 (VarveChild, 1);
  child->pid_fd = child->stdout_fd = child->stderr_fd = -1;
  if (setup->stdout_fd <= 0)
    {
      child->stdout_fd = memory_file ("stdout", error);
      if (child->stdout_fd < 0)
        return NULL;
    }
  child->stderr_fd = memory_file ("stderr", error);
  return child->stderr_fd >= 0 && child_launch (child, setup, parent, error) ? g_steal_pointer (&child) : NULL;
}

VarveChild *
varve_child_start (const VarveChildSetup *setup, GError **error)
{
  return child_new (setup, 0, error);
}

/* Whether it has ended. */
static gboolean
child_reap (VarveChild *child)
{
  int status;
  pid_t found = child->pid != 0 ? wait4 (child->pid, &status, WNOHANG, &child->usage) : 0;
  if (found == 0 || (found < 0 && errno == EINTR))
    return child->pid == 0;
  if (found < 0)
    child->status = 127;
  else
    child->status = WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
  child->pid = 0;
  return TRUE;
}

/* Wakes up early when the program ends. */
static void
child_sleep (const VarveChild *child, int milliseconds)
{
  struct pollfd poll_fd = { .fd = child->pid_fd, .events = POLLIN };
  poll (&poll_fd, 1, milliseconds); /* ignores -1 */
}

gboolean
varve_child_wait (VarveChild *child, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)milliseconds * 1000;
  for (int wait_ms = POLL_FIRST_MS; !child_reap (child); wait_ms = MIN (wait_ms * 2, POLL_LAST_MS))
    {
      if (g_get_monotonic_time () >= deadline)
        return FALSE;
      child_sleep (child, wait_ms);
    }
  return TRUE;
}

static void
child_end (VarveChild *child)
{
  if (child_reap (child))
    return;
  kill (-child->pid, SIGTERM);
  while (!varve_child_wait (child, TERMINATION_MS))
    kill (-child->pid, SIGKILL);
}

void
varve_child_free (VarveChild *child)
{
  if (child->pid != 0)
    child_end (child);
  if (child->pid_fd >= 0)
    close (child->pid_fd);
  if (child->stdout_fd >= 0)
    close (child->stdout_fd);
  if (child->stderr_fd >= 0)
    close (child->stderr_fd);
  g_free (child);
}

static gsize
file_size (int fd)
{
  struct stat status;
  return fstat (fd, &status) == 0 ? (gsize)status.st_size : 0;
}

static GBytes *
read_from (int fd, gsize start_bytes, gsize max_bytes)
{
  gsize size_bytes = file_size (fd), wanted = MIN (size_bytes - MIN (start_bytes, size_bytes), max_bytes);
  char *data = g_malloc (wanted + 1);
  gsize done = 0;
  for (gssize n = 1; done < wanted && n > 0; done += (gsize)MAX (n, 0))
    n = pread (fd, data + done, wanted - done, (off_t)(start_bytes + done));
  return g_bytes_new_take (data, done);
}

char *
varve_child_messages (VarveChild *child)
{
  gsize size_bytes = file_size (child->stderr_fd);
  g_autoptr (GBytes) bytes
      = read_from (child->stderr_fd, size_bytes - MIN (size_bytes, MESSAGES_MAX_BYTES), MESSAGES_MAX_BYTES);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  return g_strndup (length > 0 ? text : "", length); /* to the first zero byte */
}

static gboolean
check_output (const VarveChild *child, const VarveChildSetup *setup, GError **error)
{
  if (file_size (child->stdout_fd) <= setup->max_output_bytes)
    return TRUE;
  g_autofree char *escaped = varve_escape (setup->argv[0]);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "'%s' wrote more than %" G_GSIZE_FORMAT " bytes", escaped,
               setup->max_output_bytes);
  return FALSE;
}

static gboolean
wait_for_end (VarveChild *child, const VarveChildSetup *setup, GCancellable *cancellable, GError **error)
{
  for (int wait_ms = POLL_FIRST_MS; !child_reap (child); wait_ms = MIN (wait_ms * 2, POLL_LAST_MS))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !check_output (child, setup, error))
        return FALSE;
      if (setup->watch != NULL)
        setup->watch (setup->watch_data);
      child_sleep (child, wait_ms);
    }
  if (setup->watch != NULL)
    setup->watch (setup->watch_data);
  return check_output (child, setup, error);
}

gboolean
varve_child_run (const VarveChildSetup *setup, VarveChildResult *out_result, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  g_autoptr (VarveChild) child = child_new (setup, getpid (), error);
  if (child == NULL || !wait_for_end (child, setup, cancellable, error))
    return FALSE;
  *out_result = (VarveChildResult){
    .status = child->status,
    .output = read_from (child->stdout_fd, 0, setup->max_output_bytes),
    .messages = varve_child_messages (child),
    .usage = child->usage,
  };
  return TRUE;
}

void
varve_child_result_clear (VarveChildResult *result)
{
  g_clear_pointer (&result->output, g_bytes_unref);
  g_clear_pointer (&result->messages, g_free);
}
