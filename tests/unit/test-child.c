/* base/child: what another program gets of us, and how it ends. */
#include "base/child.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static const char *const ENVIRONMENT[] = { "PATH=/usr/bin:/bin", "A=b", NULL };

static VarveChildSetup
shell (const char **argv, const char *script)
{
  argv[0] = "/bin/sh";
  argv[1] = "-c";
  argv[2] = script;
  argv[3] = NULL;
  return (VarveChildSetup){ .argv = argv, .environment = ENVIRONMENT, .max_output_bytes = 1000 };
}

static void
test_run (void)
{
  g_autoptr (GError) error = NULL;
  const char *argv[4];
  VarveChildSetup setup = shell (argv, "cat; echo \"out $A $HOME\"; echo message >&2; exit 7");
  g_auto (VarveChildResult) result = { 0 };
  g_assert_true (varve_child_run (&setup, &result, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (result.status, ==, 7);
  g_assert_cmpmem (g_bytes_get_data (result.output, NULL), g_bytes_get_size (result.output), "out b \n", 7);
  g_assert_cmpstr (result.messages, ==, "message\n");
}

/* Only the file that is meant is open in it, under its number, and no signal is blocked. */
static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  int leaked = open ("/dev/zero", O_RDONLY), pipe_fds[2];
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  sigset_t blocked, former;
  sigemptyset (&blocked);
  sigaddset (&blocked, SIGTERM);
  sigprocmask (SIG_BLOCK, &blocked, &former);
  const char *argv[4];
  VarveChildSetup setup = shell (argv, "echo hi >&3; ls /proc/self/fd | tr '\\n' ' '; grep SigBlk /proc/self/status");
  setup.fds = &pipe_fds[1];
  setup.n_fds = 1;
  g_auto (VarveChildResult) result = { 0 };
  g_assert_true (varve_child_run (&setup, &result, NULL, &error));
  sigprocmask (SIG_SETMASK, &former, NULL);
  g_autofree char *output = g_strndup (g_bytes_get_data (result.output, NULL), g_bytes_get_size (result.output));
  g_assert_cmpstr (output, ==, "0 1 2 3 4 SigBlk:\t0000000000000000\n"); /* 4 is the folder that ls reads */
  char line[3];
  g_assert_cmpint (read (pipe_fds[0], line, 3), ==, 3);
  g_assert_cmpmem (line, 3, "hi\n", 3);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
  close (leaked);
}

static void
test_absent (void)
{
  g_autoptr (GError) error = NULL;
  const char *const argv[] = { "/no/such/program", NULL };
  VarveChildSetup setup = { .argv = argv, .environment = ENVIRONMENT };
  g_auto (VarveChildResult) result = { 0 };
  g_assert_false (varve_child_run (&setup, &result, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "running '/no/such/program': No such file or directory");
}

static void
test_output_limit (void)
{
  g_autoptr (GError) error = NULL;
  const char *argv[4];
  VarveChildSetup setup = shell (argv, "while :; do echo 0123456789; done");
  g_auto (VarveChildResult) result = { 0 };
  g_assert_false (varve_child_run (&setup, &result, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* Its own children go with it. */
static void
test_cancel (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  int pipe_fds[2];
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  const char *argv[4];
  VarveChildSetup setup = shell (argv, "sleep 1000 & sleep 1000");
  setup.fds = &pipe_fds[1];
  setup.n_fds = 1;
  g_auto (VarveChildResult) result = { 0 };
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_false (varve_child_run (&setup, &result, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  close (pipe_fds[1]);
  char byte;
  g_assert_cmpint (read (pipe_fds[0], &byte, 1), ==, 0); /* no one holds the other end any more */
  close (pipe_fds[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/child/run", test_run);
  g_test_add_func ("/child/files", test_files);
  g_test_add_func ("/child/absent", test_absent);
  g_test_add_func ("/child/output-limit", test_output_limit);
  g_test_add_func ("/child/cancel", test_cancel);
  return g_test_run ();
}
