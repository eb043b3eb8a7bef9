/* SPDX-License-Identifier: Apache-2.0 */
/* Source of names and locks: libostree, ostree-repo.c, _ostree_repo_allocate_tmpdir() and
 * _ostree_repo_try_lock_tmpdir(); libglnx, glnx-lockfile.c. Objects are staged in "staging-BOOT-RANDOM", locked by
 * "staging-BOOT-RANDOM-lock", which is removed before it is unlocked. */
#include "ostree/staging.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/temporary-folder.h"

static const char PREFIX[] = "staging-", LOCK_SUFFIX[] = "-lock";

/* A folder is new and empty between its creation by libostree and its lock. */
enum { NEW_SECONDS = 10 };

/* -1 when another process has the lock, or has just removed it. */
static int
lock_take (const char *path)
{
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  struct stat status;
  int fd = open (path, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
  if (fd < 0 || (fcntl (fd, F_OFD_SETLK, &whole) == 0 && fstat (fd, &status) == 0 && status.st_nlink > 0))
    return fd;
  close (fd);
  return -1;
}

static gboolean
is_new (const char *path)
{
  struct stat status;
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  return folder != NULL && g_dir_read_name (folder) == NULL && stat (path, &status) == 0
         && time (NULL) - status.st_ctime < NEW_SECONDS;
}

static void
remove_leftover (const char *parent, const char *name)
{
  g_autofree char *path = g_build_filename (parent, name, NULL), *lock_path = g_strconcat (path, LOCK_SUFFIX, NULL);
  int lock = lock_take (lock_path);
  if (lock < 0)
    return;
  if (!is_new (path))
    varve_remove_all (path);
  unlink (lock_path);
  close (lock);
}

/* The folder's name; NULL for what is neither such a folder nor its lock. */
static char *
staging_name (const char *name)
{
  if (!g_str_has_prefix (name, PREFIX))
    return NULL;
  gsize length = strlen (name) - (g_str_has_suffix (name, LOCK_SUFFIX) ? strlen (LOCK_SUFFIX) : 0);
  return g_strndup (name, length);
}

void
varve_staging_remove_leftovers (const char *repo_path)
{
  g_autofree char *path = g_build_filename (repo_path, "tmp", NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (const char *name = folder != NULL ? g_dir_read_name (folder) : NULL; name != NULL;
       name = g_dir_read_name (folder))
    {
      char *staging = staging_name (name);
      if (staging != NULL)
        g_hash_table_add (names, staging);
    }
  GHashTableIter iter;
  gpointer name;
  for (g_hash_table_iter_init (&iter, names); g_hash_table_iter_next (&iter, &name, NULL);)
    remove_leftover (path, name);
}
