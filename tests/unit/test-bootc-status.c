/* SPDX-License-Identifier: Apache-2.0 */
/* host/bootc-status: the fields that are read, and how bootc is run. */
#include "host/bootc-status.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/error.h"

static VarveBootcStatus *
parse_status (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  return varve_bootc_status_parse (bytes, error);
}

static void
test_parse (void)
{
  static const char BOOTED[]
      = "{\"apiVersion\":\"org.containers.bootc/"
        "v1\",\"kind\":\"BootcHost\",\"metadata\":{\"name\":\"host\"},\"spec\":{\"bootOrder\":\"default\","
        "\"image\":{\"image\":\"quay.io/os/"
        "os:1\",\"transport\":\"registry\",\"signature\":%s}},\"status\":{\"staged\":null,\"booted\":{\"image\":"
        "null,\"incompatible\":false,\"composefs\":%s},\"rollback\":null,\"type\":\"bootcHost\"}}";
  static const struct {
    const char *signature, *composefs;
    VarveHostSignature expected;
    const char *remote;
  } CASES[] = {
    { "null", "null", VARVE_HOST_UNVERIFIED, NULL },
    { "\"insecure\"", "null", VARVE_HOST_UNVERIFIED, NULL },
    { "\"containerPolicy\"", "null", VARVE_HOST_POLICY, NULL },
    { "{\"ostreeRemote\":\"fedora\"}", "{\"verity\":\"ab\"}", VARVE_HOST_REMOTE, "fedora" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (GError) error = NULL;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      g_autofree char *text = g_strdup_printf (BOOTED, CASES[i].signature, CASES[i].composefs);
#pragma GCC diagnostic pop
      g_autoptr (VarveBootcStatus) status = parse_status (text, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (status->reference->image, ==, "docker://quay.io/os/os:1");
      g_assert_cmpint (status->reference->signature, ==, CASES[i].expected);
      g_assert_cmpstr (status->reference->remote, ==, CASES[i].remote);
      g_assert_cmpint (status->is_composefs, ==, i == 3);
    }
  g_autoptr (VarveBootcStatus) none = parse_status ("{\"spec\":{\"image\":null},\"status\":{\"booted\":null}}", NULL);
  g_assert_null (none->reference);
  static const char *const WRONG[]
      = { "",
          "{\"spec\":7}",
          "{\"spec\":null,\"Spec\":null}",
          "{\"spec\":{\"image\":null,\"image\":{\"image\":\"x\",\"transport\":\"registry\"}}}",
          "{\"spec\":{\"image\":{\"image\":\"x\"}}}",
          "{\"spec\":{\"image\":{\"image\":\"x\",\"transport\":\"registry\",\"signature\":\"odd\"}}}",
          "{\"spec\":{\"image\":{\"image\":\"x\",\"transport\":\"registry\",\"signature\":{}}}}" };
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (parse_status (WRONG[i], &error));
      g_assert_nonnull (error);
    }
}

/* A folder with a program "bootc", the only entry of PATH that matters. */
typedef struct {
  char *folder, *program, *output, *former_path;
} Fake;

static Fake
fake_new (const char *interpreter, const char *script)
{
  Fake fake = { .folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL), .former_path = g_strdup (g_getenv ("PATH")) };
  fake.program = g_build_filename (fake.folder, "bootc", NULL);
  fake.output = g_build_filename (fake.folder, "output", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *path = g_strconcat (fake.folder, ":/usr/bin:/bin", NULL);
  g_string_printf (text, "#!%s\n%s\n", interpreter, script);
  g_string_replace (text, "OUTPUT", fake.output, 0);
  g_assert_true (g_file_set_contents (fake.program, text->str, -1, NULL));
  g_assert_cmpint (chmod (fake.program, 0755), ==, 0);
  g_setenv ("PATH", path, TRUE);
  return fake;
}

static void
fake_clear (Fake *fake)
{
  g_setenv ("PATH", fake->former_path, TRUE);
  g_unlink (fake->output);
  g_unlink (fake->program);
  g_rmdir (fake->folder);
  g_free (fake->folder);
  g_free (fake->program);
  g_free (fake->output);
  g_free (fake->former_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fake, fake_clear)

static void
test_absent (void)
{
  g_autofree char *former = g_strdup (g_getenv ("PATH"));
  g_autoptr (GError) error = NULL;
  VarveBootcStatus *status = GINT_TO_POINTER (1);
  g_setenv ("PATH", "/nonexistent", TRUE);
  g_assert_true (varve_bootc_status_load (&status, NULL, &error));
  g_setenv ("PATH", former, TRUE);
  g_assert_no_error (error);
  g_assert_null (status);
}

/* bootc gets the arguments and no blocked signal, whatever is blocked here. Not a shell, which may unblock signals. */
static void
test_load (void)
{
  g_auto (Fake) fake
      = fake_new ("/usr/bin/awk -f", "BEGIN {\n"
                                     "  print ARGV[1], ARGV[2], ARGV[3] >\"OUTPUT\"\n"
                                     "  while ((getline line <\"/proc/self/status\") > 0)\n"
                                     "    if (line ~ /^SigBlk/) print line >\"OUTPUT\"\n"
                                     "  print \"noise\" >\"/dev/stderr\"\n"
                                     "  print \"{\\\"spec\\\":{\\\"image\\\":{\\\"image\\\":\\\"q.io/os\\\","
                                     "\\\"transport\\\":\\\"registry\\\"}}}\"\n"
                                     "}");
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveBootcStatus) status = NULL;
  sigset_t blocked, former;
  sigemptyset (&blocked);
  sigaddset (&blocked, SIGINT);
  sigaddset (&blocked, SIGTERM);
  sigprocmask (SIG_BLOCK, &blocked, &former);
  gboolean loaded = varve_bootc_status_load (&status, NULL, &error);
  sigprocmask (SIG_SETMASK, &former, NULL);
  g_assert_no_error (error);
  g_assert_true (loaded);
  g_assert_cmpstr (status->reference->image, ==, "docker://q.io/os");
  g_autofree char *output = NULL;
  g_assert_true (g_file_get_contents (fake.output, &output, NULL, NULL));
  g_assert_cmpstr (output, ==, "status --format json\nSigBlk:\t0000000000000000\n");
}

static void
test_failure (void)
{
  g_auto (Fake) fake = fake_new ("/bin/sh", "echo 'no \033 system' >&2; exit 3");
  g_autoptr (GError) error = NULL;
  VarveBootcStatus *status = NULL;
  g_assert_false (varve_bootc_status_load (&status, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_assert_cmpstr (error->message, ==, "bootc status: exited with status 3: no \\x1b system");
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (200000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel (void)
{
  g_auto (Fake) fake = fake_new ("/bin/sh", "exec sleep 600");
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  VarveBootcStatus *status = NULL;
  g_assert_false (varve_bootc_status_load (&status, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bootc-status/parse", test_parse);
  g_test_add_func ("/bootc-status/absent", test_absent);
  g_test_add_func ("/bootc-status/load", test_load);
  g_test_add_func ("/bootc-status/failure", test_failure);
  g_test_add_func ("/bootc-status/cancel", test_cancel);
  return g_test_run ();
}
