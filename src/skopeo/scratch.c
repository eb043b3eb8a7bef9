/* A folder is locked as long as it is used, so that the next run can tell what a killed one left. */
#include "skopeo/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

#define PREFIX "varve-scratch-"

enum {
  OPEN_FOLDERS_MAX = 16,
  FRESH_SECONDS = 60, /* one that was just made may not be locked yet */
};

struct _VarveScratch {
  char *path;
  int fd;
};

static int
remove_one (const char *path, const struct stat *status, int type, struct FTW *place)
{
  remove (path); /* what cannot be removed stays, and so do the folders around it */
  return 0;
}

static void
remove_all (const char *path)
{
  nftw (path, remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static gboolean
is_left_over (int fd)
{
  struct stat status;
  return fstat (fd, &status) == 0 && status.st_uid == geteuid () && status.st_mtime + FRESH_SECONDS < time (NULL)
         && flock (fd, LOCK_EX | LOCK_NB) == 0;
}

static void
remove_left_over (const char *parent)
{
  g_autoptr (GDir) folder = g_dir_open (parent, 0, NULL);
  for (const char *name = folder != NULL ? g_dir_read_name (folder) : NULL; name != NULL;
       name = g_dir_read_name (folder))
    {
      if (!g_str_has_prefix (name, PREFIX))
        continue;
      g_autofree char *path = g_build_filename (parent, name, NULL);
      int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (fd >= 0 && is_left_over (fd))
        remove_all (path);
      if (fd >= 0)
        close (fd);
    }
}

VarveScratch *
varve_scratch_new (GError **error)
{
  const char *folder = g_getenv ("TMPDIR");
  g_autofree char *parent = g_canonicalize_filename (folder != NULL && folder[0] != '\0' ? folder : "/var/tmp", NULL);
  g_autofree char *path = g_build_filename (parent, PREFIX "XXXXXX", NULL);
  remove_left_over (parent);
  if (mkdtemp (path) == NULL)
    {
      g_autofree char *escaped = varve_escape (parent);
      varve_set_errno (error, errno, "creating a temporary folder in '%s'", escaped);
      return NULL;
    }
  VarveScratch *scratch = g_new0 (VarveScratch, 1);
  *scratch = (VarveScratch){ .path = g_strdup (path), .fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
  if (scratch->fd >= 0 && flock (scratch->fd, LOCK_EX | LOCK_NB) == 0)
    return scratch;
  varve_set_errno (error, errno, "locking '%s'", path);
  varve_scratch_free (scratch);
  return NULL;
}

void
varve_scratch_free (VarveScratch *scratch)
{
  remove_all (scratch->path);
  if (scratch->fd >= 0)
    close (scratch->fd);
  g_free (scratch->path);
  g_free (scratch);
}

const char *
varve_scratch_path (const VarveScratch *scratch)
{
  return scratch->path;
}
