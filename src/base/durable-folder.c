/* SPDX-License-Identifier: Apache-2.0 */
#include "base/durable-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

gboolean
varve_durable_folder_sync (int dirfd, const char *name, GError **error)
{
  g_autofree char *escaped = varve_escape (name);
  int fd = openat (dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return varve_set_errno (error, errno, "opening the folder '%s'", escaped);
  int result = fsync (fd);
  int saved_errno = errno;
  close (fd);
  return result == 0 || varve_set_errno (error, saved_errno, "syncing the folder '%s'", escaped);
}

gboolean
varve_durable_folder_make (const char *path, mode_t mode, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_autofree char *parent = g_path_get_dirname (path);
  if (!g_str_equal (parent, path) && !varve_durable_folder_make (parent, mode, error))
    return FALSE;
  if (mkdir (path, mode) == 0)
    return varve_durable_folder_sync (AT_FDCWD, parent, error);
  if (errno == EEXIST && g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  int saved_errno = errno == EEXIST ? ENOTDIR : errno;
  g_autofree char *escaped = varve_escape (path);
  return varve_set_errno (error, saved_errno, "creating the folder '%s'", escaped);
}
