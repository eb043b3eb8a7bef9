/* SPDX-License-Identifier: Apache-2.0 */
/* base/tempfile: a file gets its name whole, and files of outside are read up to a limit. */
#include "base/tempfile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "tests/unit/tinyimage.h"

static int
open_folder (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static guint
count_names (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;
  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
test_atomic (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  int fd = open_folder (folder);
  mode_t before = umask (0077);
  g_assert_true (varve_write_file_atomic (fd, "a", "old", 3, &error));
  g_assert_true (varve_write_file_atomic (fd, "a", "newer", 5, &error));
  umask (before);
  g_assert_no_error (error);
  g_autoptr (GBytes) content = varve_read_file (fd, "a", 5, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), "newer", 5);
  struct stat status;
  g_assert_cmpint (fstatat (fd, "a", &status, 0), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0644);
  g_assert_cmpuint (count_names (folder), ==, 1);
  close (fd);
}

static void
test_limit (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  int fd = open_folder (folder);
  g_assert_true (varve_write_file_atomic (fd, "a", "12345", 5, &error));
  g_assert_null (varve_read_file (fd, "a", 4, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==, "'a' is larger than the limit of 4 bytes");
  close (fd);
}

/* What a killed run leaves has another name than all else. */
static void
test_leftovers (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  int fd = open_folder (folder);
  VarveTempfile *file = varve_tempfile_new (fd, &error);
  g_assert_nonnull (file);
  g_assert_cmpuint (count_names (folder), ==, 1);
  varve_tempfile_free (file);
  g_assert_cmpuint (count_names (folder), ==, 0);
  g_assert_true (varve_write_file_atomic (fd, VARVE_TEMPFILE_PREFIX "left", "", 0, &error));
  g_assert_true (varve_write_file_atomic (fd, "kept", "", 0, &error));
  g_assert_true (varve_remove_tempfiles (fd, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_names (folder), ==, 1);
  g_assert_cmpint (faccessat (fd, "kept", F_OK, 0), ==, 0);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tempfile/atomic", test_atomic);
  g_test_add_func ("/tempfile/limit", test_limit);
  g_test_add_func ("/tempfile/leftovers", test_leftovers);
  return g_test_run ();
}
