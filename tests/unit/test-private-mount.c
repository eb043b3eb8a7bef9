/* SPDX-License-Identifier: Apache-2.0 */
/* host/private-mount: a mount becomes writable for one process, and nothing of that is seen by others. */
#include "host/private-mount.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

enum { SKIPPED = 77 };

static void
write_text (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write (fd, text, strlen (text)) < 0)
    _exit (SKIPPED);
  close (fd);
}

/* A mount namespace of the test's own, in a user namespace where that is needed. */
static void
enter_namespace (void)
{
  g_autofree char *uid_map = g_strdup_printf ("0 %u 1", (guint)getuid ());
  g_autofree char *gid_map = g_strdup_printf ("0 %u 1", (guint)getgid ());
  gboolean is_root = geteuid () == 0;
  if (unshare (CLONE_NEWNS | (is_root ? 0 : CLONE_NEWUSER)) != 0)
    _exit (SKIPPED);
  if (is_root)
    return;
  write_text ("/proc/self/setgroups", "deny");
  write_text ("/proc/self/uid_map", uid_map);
  write_text ("/proc/self/gid_map", gid_map);
}

static void
mount_read_only (const char *folder, const char *inner)
{
  if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount ("none", folder, "tmpfs", MS_NOSUID, NULL) != 0)
    _exit (SKIPPED);
  g_assert_cmpint (g_mkdir (inner, 0755), ==, 0);
  g_assert_cmpint (mount (NULL, folder, NULL, MS_SHARED, NULL), ==, 0);
  g_assert_cmpint (mount (NULL, folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL), ==, 0);
}

static gulong
flags_of (const char *folder)
{
  struct statvfs status;
  g_assert_cmpint (statvfs (folder, &status), ==, 0);
  return status.f_flag;
}

static int
wait_for (pid_t child)
{
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

/* As `varve prefetch` on a booted host. */
static void
write_privately (const char *folder, const char *inner)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (folder, "file", NULL), *hidden = g_build_filename (inner, "file", NULL);
  g_assert_true (varve_private_mount_writable (folder, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (flags_of (folder) & (ST_RDONLY | ST_NOSUID), ==, ST_NOSUID);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_cmpint (mount ("none", inner, "tmpfs", 0, NULL), ==, 0);
  g_assert_true (g_file_set_contents (hidden, "", 0, NULL));
}

static void
act_as_host (const char *folder)
{
  g_autofree char *inner = g_build_filename (folder, "inner", NULL), *file = g_build_filename (folder, "file", NULL),
                  *hidden = g_build_filename (inner, "file", NULL);
  enter_namespace ();
  mount_read_only (folder, inner);
  pid_t child = fork ();
  if (child == 0)
    {
      write_privately (folder, inner);
      _exit (0);
    }
  g_assert_cmpint (wait_for (child), ==, 0);
  g_assert_cmpuint (flags_of (folder) & ST_RDONLY, !=, 0);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (hidden, G_FILE_TEST_EXISTS));
}

static void
test_read_only (void)
{
  g_autofree char *folder = g_dir_make_tmp ("varve-private-mount-XXXXXX", NULL);
  pid_t child = fork ();
  if (child == 0)
    {
      act_as_host (folder);
      _exit (0);
    }
  int status = wait_for (child);
  g_rmdir (folder);
  if (status == SKIPPED)
    g_test_skip ("no mounts here");
  else
    g_assert_cmpint (status, ==, 0);
}

/* Nothing is done then; the namespace stays the same. */
static void
test_writable (void)
{
  g_autofree char *folder = g_dir_make_tmp ("varve-private-mount-XXXXXX", NULL);
  g_autofree char *before = g_file_read_link ("/proc/self/ns/mnt", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_private_mount_writable (folder, &error));
  g_assert_no_error (error);
  g_autofree char *after = g_file_read_link ("/proc/self/ns/mnt", NULL);
  g_assert_cmpstr (before, ==, after);
  g_rmdir (folder);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (varve_private_mount_writable ("/nonexistent/folder", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/private-mount/read-only", test_read_only);
  g_test_add_func ("/private-mount/writable", test_writable);
  g_test_add_func ("/private-mount/missing", test_missing);
  return g_test_run ();
}
