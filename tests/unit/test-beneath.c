/* SPDX-License-Identifier: Apache-2.0 */
/* base/beneath: no path leads out of the folder. */
#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/tinyimage.h"

static gboolean is_old_kernel;

static void
test_paths (void)
{
  static const struct {
    const char *path;
    int expected; /* errno; 0: opens */
  } CASES[] = {
    { "file", 0 },
    { "folder/file", 0 },
    { "absent", ENOENT },
    { "file/x", ENOTDIR },
    { "link", ELOOP },
    { "linked/file", ELOOP },
    { "folder/link", ELOOP },
    { "../outside", EXDEV },
    { "folder/../../outside", EXDEV },
    { "/etc/passwd", EXDEV },
  };
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autofree char *root = g_build_filename (folder, "root", NULL), *inner = g_build_filename (root, "folder", NULL);
  g_assert_cmpint (g_mkdir_with_parents (inner, 0755), ==, 0);
  static const char *const FILES[] = { "outside", "root/file", "root/folder/file" };
  for (guint i = 0; i < G_N_ELEMENTS (FILES); i++)
    {
      g_autofree char *path = g_build_filename (folder, FILES[i], NULL);
      g_assert_true (g_file_set_contents (path, "x", 1, NULL));
    }
  int fd = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (symlinkat ("file", fd, "link"), ==, 0);
  g_assert_cmpint (symlinkat ("folder", fd, "linked"), ==, 0);
  g_assert_cmpint (symlinkat ("../../outside", fd, "folder/link"), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s", CASES[i].path);
      int found = varve_open_beneath (fd, CASES[i].path, O_RDONLY | O_CLOEXEC);
      g_assert_cmpint (found >= 0, ==, CASES[i].expected == 0);
      if (!is_old_kernel) /* there ENOTDIR is the error for a symlink to a folder */
        g_assert_cmpint (found < 0 ? errno : 0, ==, CASES[i].expected);
      if (found >= 0)
        close (found);
    }
  close (fd);
}

/* The rest of the process gets ENOSYS from openat2, as from kernels before 5.6. */
static void
test_old_kernel (void)
{
  struct sock_filter steps[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { .len = G_N_ELEMENTS (steps), .filter = steps };
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    {
      g_test_skip ("no seccomp here");
      return;
    }
  g_assert_cmpint ((int)syscall (SYS_openat2, -1, NULL, NULL, 0), ==, -1);
  g_assert_cmpint (errno, ==, ENOSYS);
  is_old_kernel = TRUE;
  test_paths ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/beneath/paths", test_paths);
  g_test_add_func ("/beneath/old-kernel", test_old_kernel); /* last */
  return g_test_run ();
}
