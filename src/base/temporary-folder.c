/* SPDX-License-Identifier: Apache-2.0 */
#include "base/temporary-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define PREFIX "varve-tmp-"

enum {
  OPEN_FOLDERS_MAX = 16,
  LOCK_ATTEMPTS = 100, /* how often another run may take a new folder for a leftover before it is locked */
};

struct _VarveTemporaryFolder {
  char *path;
  int fd;
};

static int
remove_one (const char *path, const struct stat *status, int type, struct FTW *place)
{
  remove (path); /* best effort: what cannot be removed stays */
  return 0;
}

void
varve_remove_all (const char *path)
{
  nftw (path, remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static gboolean
is_leftover (int fd)
{
  struct stat status;
  return fstat (fd, &status) == 0 && status.st_uid == geteuid () && flock (fd, LOCK_EX | LOCK_NB) == 0;
}

static void
remove_leftovers (const char *parent)
{
  g_autoptr (GDir) folder = g_dir_open (parent, 0, NULL);
  for (const char *name = folder != NULL ? g_dir_read_name (folder) : NULL; name != NULL;
       name = g_dir_read_name (folder))
    {
      if (!g_str_has_prefix (name, PREFIX))
        continue;
      g_autofree char *path = g_build_filename (parent, name, NULL);
      int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (fd >= 0 && is_leftover (fd))
        varve_remove_all (path);
      if (fd >= 0)
        close (fd);
    }
}

const char *
varve_temporary_parent (void)
{
  const char *wanted = g_getenv ("TMPDIR");
  return wanted != NULL && *wanted != '\0' ? wanted : "/var/tmp";
}

static gboolean
is_named (int fd, const char *path)
{
  struct stat opened, found;
  return fstat (fd, &opened) == 0 && lstat (path, &found) == 0 && opened.st_dev == found.st_dev
         && opened.st_ino == found.st_ino;
}

/* Or -1 with the reason, ENOENT or EWOULDBLOCK where another run removes the folder, as it may until it is locked. */
static int
lock_new (const char *path, int *out_errno)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  *out_errno = fd < 0 || flock (fd, LOCK_EX | LOCK_NB) != 0 ? errno : 0;
  if (*out_errno == 0 && is_named (fd, path))
    return fd;
  if (*out_errno == 0)
    *out_errno = ENOENT;
  if (fd >= 0)
    close (fd);
  rmdir (path);
  return -1;
}

VarveTemporaryFolder *
varve_temporary_folder_new (const char *wanted, GError **error)
{
  g_autofree char *parent = g_canonicalize_filename (wanted != NULL ? wanted : varve_temporary_parent (), NULL);
  g_autofree char *escaped = varve_escape (parent);
  int reason = ENOENT;
  remove_leftovers (parent);
  for (guint i = 0; i < LOCK_ATTEMPTS && (reason == ENOENT || reason == EWOULDBLOCK); i++)
    {
      g_autofree char *path = g_build_filename (parent, PREFIX "XXXXXX", NULL);
      if (mkdtemp (path) == NULL)
        {
          varve_set_errno (error, errno, "creating a temporary folder in '%s'", escaped);
          return NULL;
        }
      int fd = lock_new (path, &reason);
      if (fd >= 0)
        {
          VarveTemporaryFolder *folder = g_new0 (VarveTemporaryFolder, 1);
          *folder = (VarveTemporaryFolder){ .path = g_steal_pointer (&path), .fd = fd };
          return folder;
        }
    }
  varve_set_errno (error, reason, "locking a temporary folder in '%s'", escaped);
  return NULL;
}

void
varve_temporary_folder_free (VarveTemporaryFolder *folder)
{
  varve_remove_all (folder->path);
  if (folder->fd >= 0)
    close (folder->fd);
  g_free (folder->path);
  g_free (folder);
}

const char *
varve_temporary_folder_path (const VarveTemporaryFolder *folder)
{
  return folder->path;
}
