/* SPDX-License-Identifier: Apache-2.0 */
/* codec/codec-gzip: the gzip program as an encoder. A script takes its place, so that it can hang, fail and look
 * around.
 */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "codec/codec.h"

#define RECIPE "gzip;version=1.12;level=9"

/* What the script does is in the file "mode" beside it. */
static const char SCRIPT[] = "#!/bin/sh\n"
                             "[ \"$1\" = --version ] && { echo 'gzip 1.12'; exit; }\n"
                             "case $(cat \"${0%/*}/mode\") in\n"
                             "hang) exec sleep 100 ;;\n"
                             "fail) echo 'gzip: stdout: No space left on device' >&2; exit 1 ;;\n"
                             "signals) printf 0123456789; grep SigBlk /proc/self/status; cat ;;\n"
                             "esac\n";
static char *folder;

static void
set_mode (const char *mode)
{
  g_autofree char *path = g_build_filename (folder, "mode", NULL);
  g_assert_true (g_file_set_contents (path, mode, -1, NULL));
}

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_string_append_len (data, bytes, (gssize)size_bytes);
  return TRUE;
}

/* Encodes "input"; NULL with @error. */
static char *
encode (GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  VarveSink sink = { .write = append, .data = out };
  VarveEncoderOptions options = { .cancellable = cancellable };
  g_autoptr (VarveEncoder) encoder = varve_codec_encoder_new (RECIPE, &options, &sink, error);
  g_assert_nonnull (encoder);
  g_assert_true (encoder->write (encoder, "input", 5, error));
  return encoder->finish (encoder, error) ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

/* gzip starts without blocked signals, although the threads of the program block them. */
static void
test_signals (void)
{
  g_autoptr (GError) error = NULL;
  sigset_t blocked, former;
  sigemptyset (&blocked);
  sigaddset (&blocked, SIGINT);
  sigaddset (&blocked, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &blocked, &former);
  set_mode ("signals");
  g_autofree char *output = encode (NULL, &error);
  pthread_sigmask (SIG_SETMASK, &former, NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "SigBlk:\t0000000000000000\ninput");
}

static void
test_failure (void)
{
  g_autoptr (GError) error = NULL;
  set_mode ("fail");
  g_assert_null (encode (NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_assert_cmpstr (error->message, ==, "gzip: exit status 1: gzip: stdout: No space left on device");
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (200000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancelled (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gint64 start = g_get_monotonic_time ();
  set_mode ("hang");
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_null (encode (cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL);
  g_autofree char *program = g_build_filename (folder, "gzip", NULL), *mode = g_build_filename (folder, "mode", NULL);
  g_autofree char *path = g_strconcat (folder, ":", g_getenv ("PATH"), NULL);
  g_assert_true (g_file_set_contents (program, SCRIPT, -1, NULL));
  g_assert_cmpint (chmod (program, 0755), ==, 0);
  g_setenv ("PATH", path, TRUE);
  g_test_add_func ("/codec-gzip/signals", test_signals);
  g_test_add_func ("/codec-gzip/failure", test_failure);
  g_test_add_func ("/codec-gzip/cancelled", test_cancelled);
  int status = g_test_run ();
  g_remove (program);
  g_remove (mode);
  g_rmdir (folder);
  g_free (folder);
  return status;
}
