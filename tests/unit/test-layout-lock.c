/* SPDX-License-Identifier: Apache-2.0 */
/* oci/layout-lock: one holder at a time, also where the file is replaced between two system calls. */
#include "oci/layout-lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "tests/unit/tinyimage.h"

static int replaced_folder = -1, other_holder = -1;

/* Instead of libc's: before the lock is taken, its former holder removes the file, and another process takes a new one.
 */
int
flock (int fd, int operation)
{
  if (replaced_folder >= 0)
    {
      g_assert_cmpint (unlinkat (replaced_folder, VARVE_LAYOUT_LOCK_NAME, 0), ==, 0);
      other_holder = openat (replaced_folder, VARVE_LAYOUT_LOCK_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
      g_assert_cmpint ((int)syscall (SYS_flock, other_holder, LOCK_EX | LOCK_NB), ==, 0);
      replaced_folder = -1;
    }
  return (int)syscall (SYS_flock, fd, operation);
}

static int
take (int folder, GError **error)
{
  return varve_layout_lock_take (folder, "x", NULL, NULL, error);
}

static void
test_one_holder (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  int folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  varve_layout_lock_set_timeout (0);
  int first = take (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (take (folder, &error), ==, -1);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_clear_error (&error);
  varve_layout_lock_release (folder, first);
  int second = take (folder, &error);
  g_assert_no_error (error);
  varve_layout_lock_release (folder, second);
  g_assert_cmpint (faccessat (folder, VARVE_LAYOUT_LOCK_NAME, F_OK, 0), ==, -1);
  close (folder);
}

static void
test_replaced (void)
{
  g_autoptr (TinyFolder) path = tiny_folder ();
  g_autoptr (GError) error = NULL;
  int folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  varve_layout_lock_set_timeout (0);
  replaced_folder = folder;
  g_assert_cmpint (take (folder, &error), ==, -1);
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_assert_cmpint (other_holder, >=, 0);
  close (other_holder);
  close (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout-lock/one-holder", test_one_holder);
  g_test_add_func ("/layout-lock/replaced", test_replaced);
  return g_test_run ();
}
