/* SPDX-License-Identifier: Apache-2.0 */
/* base/child: what a program gets from us, and how it ends. */
#include "base/child.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
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

/* No file is open in it but the one given, and no signal is blocked. */
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

/* A descriptor limit below the range that the child moves its files to. */
static void
test_no_descriptors (void)
{
  g_autoptr (GError) error = NULL;
  struct rlimit former, low = { .rlim_cur = 40 };
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &former), ==, 0);
  low.rlim_max = former.rlim_max;
  const char *argv[4];
  VarveChildSetup setup = shell (argv, "exit 0");
  g_auto (VarveChildResult) result = { 0 };
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &low), ==, 0);
  gboolean done = varve_child_run (&setup, &result, NULL, &error);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &former), ==, 0);
  g_assert_false (done);
  g_assert_cmpstr (error->message, ==, "running '/bin/sh': Invalid argument");
}

static void
test_stdin_stdout (void)
{
  g_autoptr (GError) error = NULL;
  int in = memfd_create ("in", MFD_CLOEXEC), out = memfd_create ("out", MFD_CLOEXEC);
  g_assert_cmpint (write (in, "hello", 5), ==, 5);
  g_assert_cmpint (lseek (in, 0, SEEK_SET), ==, 0);
  const char *argv[4];
  VarveChildSetup setup = shell (argv, "cat; echo message >&2");
  setup.stdin_fd = in;
  setup.stdout_fd = out;
  setup.max_output_bytes = 0;
  g_auto (VarveChildResult) result = { 0 };
  g_assert_true (varve_child_run (&setup, &result, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpuint (g_bytes_get_size (result.output), ==, 0);
  g_assert_cmpstr (result.messages, ==, "message\n");
  char text[6];
  g_assert_cmpint (pread (out, text, sizeof text, 0), ==, 5);
  g_assert_cmpmem (text, 5, "hello", 5);
  close (in);
  close (out);
}

static void
test_search (void)
{
  g_autoptr (GError) error = NULL;
  const char *const found[] = { "sh", "-c", "echo $A", NULL }, *const absent[] = { "no-such-program", NULL };
  VarveChildSetup setup = { .argv = found, .max_output_bytes = 10 };
  g_setenv ("A", "ours", TRUE);
  g_auto (VarveChildResult) result = { 0 };
  g_assert_true (varve_child_run (&setup, &result, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (result.output, NULL), g_bytes_get_size (result.output), "ours\n", 5);
  setup.argv = absent;
  g_assert_false (varve_child_run (&setup, &result, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "running 'no-such-program': No such file or directory");
}

/* Of the program and of the children that it waited for. */
static void
test_usage (void)
{
  g_autoptr (GError) error = NULL;
  const char *argv[4];
  VarveChildSetup setup = shell (argv, "(i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done); true");
  g_auto (VarveChildResult) result = { 0 };
  g_assert_true (varve_child_run (&setup, &result, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (result.usage.ru_utime.tv_sec * 1000000 + result.usage.ru_utime.tv_usec, >, 5000);
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

/* Its own children end too. */
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

/* The script would end by itself, and say so, long after it is killed. */
static void
test_stubborn (void)
{
  g_autoptr (GError) error = NULL;
  int pipe_fds[2];
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  const char *argv[4];
  VarveChildSetup setup
      = shell (argv, "trap '' TERM; echo >&3; i=0; while [ $i -lt 25 ]; do sleep 1; i=$((i+1)); done; echo late >&3");
  setup.fds = &pipe_fds[1];
  setup.n_fds = 1;
  VarveChild *child = varve_child_start (&setup, &error);
  g_assert_no_error (error);
  close (pipe_fds[1]);
  char byte;
  g_assert_cmpint (read (pipe_fds[0], &byte, 1), ==, 1); /* signals are ignored from here */
  varve_child_free (child);
  g_assert_cmpint (read (pipe_fds[0], &byte, 1), ==, 0);
  close (pipe_fds[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/child/run", test_run);
  g_test_add_func ("/child/files", test_files);
  g_test_add_func ("/child/absent", test_absent);
  g_test_add_func ("/child/no-descriptors", test_no_descriptors);
  g_test_add_func ("/child/stdin-stdout", test_stdin_stdout);
  g_test_add_func ("/child/search", test_search);
  g_test_add_func ("/child/usage", test_usage);
  g_test_add_func ("/child/output-limit", test_output_limit);
  g_test_add_func ("/child/cancel", test_cancel);
  g_test_add_func ("/child/stubborn", test_stubborn);
  return g_test_run ();
}
