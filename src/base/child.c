/* What a child says goes to files in memory, not to pipes: nothing has to be drained while it runs, and a daemon that
 * it leaves behind keeps no one waiting. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

enum {
  FIRST_FD = 3,
  FDS_ASIDE = 64, /* above every number that a child is given */
  MESSAGES_MAX_BYTES = 8192,
  POLL_FIRST_US = 1000,
  POLL_LAST_US = 50000,
  PATIENCE_MS = 5000,
};

struct _VarveChild {
  pid_t pid; /* 0 when it was waited for */
  int stdout_fd, stderr_fd;
  int status;
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
place_fds (const VarveChildSetup *setup, const VarveChild *child, int *report_fd)
{
  *report_fd = fcntl (*report_fd, F_DUPFD_CLOEXEC, FDS_ASIDE);
  int output = fcntl (child->stdout_fd, F_DUPFD_CLOEXEC, FDS_ASIDE),
      messages = fcntl (child->stderr_fd, F_DUPFD_CLOEXEC, FDS_ASIDE);
  int aside[FDS_ASIDE - FIRST_FD];
  for (guint i = 0; i < setup->n_fds; i++)
    aside[i] = fcntl (setup->fds[i], F_DUPFD_CLOEXEC, FDS_ASIDE);
  int null = open ("/dev/null", O_RDONLY);
  if (null < 0 || dup2 (null, STDIN_FILENO) < 0 || dup2 (output, STDOUT_FILENO) < 0
      || dup2 (messages, STDERR_FILENO) < 0)
    return FALSE;
  for (int fd = FIRST_FD; fd < FDS_ASIDE; fd++)
    close (fd);
  close_range (FDS_ASIDE, ~0u, CLOSE_RANGE_CLOEXEC); /* where the kernel has it; our own files are so anyway */
  for (guint i = 0; i < setup->n_fds; i++)
    if (dup2 (aside[i], FIRST_FD + (int)i) < 0)
      return FALSE;
  return TRUE;
}

static void
become (const VarveChildSetup *setup, const VarveChild *child, int report_fd, pid_t parent)
{
  sigset_t none;
  sigemptyset (&none);
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, parent != 0 ? SIGTERM : 0);
  signal (SIGPIPE, SIG_DFL);
  if (parent != 0 && getppid () != parent)
    _exit (127);
  if (place_fds (setup, child, &report_fd) && sigprocmask (SIG_SETMASK, &none, NULL) == 0)
    execve (setup->argv[0], (char *const *)setup->argv, (char *const *)setup->environment);
  int failure = errno;
  if (write (report_fd, &failure, sizeof failure) < 0)
    _exit (126);
  _exit (127);
}

static gboolean
fork_child (VarveChild *child, const VarveChildSetup *setup, pid_t parent, GError **error)
{
  int report[2];
  if (pipe2 (report, O_CLOEXEC) != 0)
    return varve_set_errno (error, errno, "creating a pipe");
  child->pid = fork ();
  if (child->pid == 0)
    become (setup, child, report[1], parent);
  int saved_errno = errno;
  close (report[1]);
  gssize n = 0;
  if (child->pid > 0)
    do
      n = read (report[0], &saved_errno, sizeof saved_errno);
    while (n < 0 && errno == EINTR);
  close (report[0]);
  if (child->pid > 0 && n == 0)
    return TRUE; /* closed by execve() */
  if (child->pid > 0)
    waitpid (child->pid, NULL, 0);
  child->pid = 0;
  g_autofree char *escaped = varve_escape (setup->argv[0]);
  return varve_set_errno (error, saved_errno, "running '%s'", escaped);
}

static VarveChild *
start (const VarveChildSetup *setup, pid_t parent, GError **error)
{
  g_return_val_if_fail (setup->n_fds < FDS_ASIDE - FIRST_FD, NULL);
  g_autoptr (VarveChild) child = g_new0 (VarveChild, 1);
  child->stderr_fd = -1;
  child->stdout_fd = memory_file ("stdout", error);
  if (child->stdout_fd < 0)
    return NULL;
  child->stderr_fd = memory_file ("stderr", error);
  return child->stderr_fd >= 0 && fork_child (child, setup, parent, error) ? g_steal_pointer (&child) : NULL;
}

VarveChild *
varve_child_start (const VarveChildSetup *setup, GError **error)
{
  return start (setup, 0, error);
}

/* Whether it has ended. */
static gboolean
reap (VarveChild *child)
{
  int status;
  pid_t found = child->pid != 0 ? waitpid (child->pid, &status, WNOHANG) : 0;
  if (found == 0 || (found < 0 && errno == EINTR))
    return child->pid == 0;
  child->status = found < 0 ? 127 : WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
  child->pid = 0;
  return TRUE;
}

gboolean
varve_child_wait (VarveChild *child, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)milliseconds * 1000;
  for (guint wait_us = POLL_FIRST_US; !reap (child); wait_us = MIN (wait_us * 2, POLL_LAST_US))
    {
      if (g_get_monotonic_time () >= deadline)
        return FALSE;
      g_usleep (wait_us);
    }
  return TRUE;
}

static void
end (VarveChild *child)
{
  if (reap (child))
    return;
  kill (-child->pid, SIGTERM);
  while (!varve_child_wait (child, PATIENCE_MS))
    kill (-child->pid, SIGKILL);
}

void
varve_child_free (VarveChild *child)
{
  if (child->pid != 0)
    end (child);
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
wait_for (VarveChild *child, const VarveChildSetup *setup, GCancellable *cancellable, GError **error)
{
  for (guint wait_us = POLL_FIRST_US; !reap (child); wait_us = MIN (wait_us * 2, POLL_LAST_US))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (file_size (child->stdout_fd) > setup->max_output_bytes)
        break;
      if (setup->watch != NULL)
        setup->watch (setup->watch_data);
      g_usleep (wait_us);
    }
  if (setup->watch != NULL)
    setup->watch (setup->watch_data);
  if (file_size (child->stdout_fd) <= setup->max_output_bytes)
    return TRUE;
  g_autofree char *escaped = varve_escape (setup->argv[0]);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "'%s' wrote more than %" G_GSIZE_FORMAT " bytes", escaped,
               setup->max_output_bytes);
  return FALSE;
}

gboolean
varve_child_run (const VarveChildSetup *setup, VarveChildResult *out_result, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  g_autoptr (VarveChild) child = start (setup, getpid (), error);
  if (child == NULL || !wait_for (child, setup, cancellable, error))
    return FALSE;
  *out_result = (VarveChildResult){
    .status = child->status,
    .output = read_from (child->stdout_fd, 0, setup->max_output_bytes),
    .messages = varve_child_messages (child),
  };
  return TRUE;
}

void
varve_child_result_clear (VarveChildResult *result)
{
  g_clear_pointer (&result->output, g_bytes_unref);
  g_clear_pointer (&result->messages, g_free);
}
