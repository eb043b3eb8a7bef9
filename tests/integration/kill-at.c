/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a program, it kills that program just before the KILL_AT-th time that it renames, links or removes a
 * file: so that a test can end it at each of these moments. Nothing is synced meanwhile: a kill is no power cut, and
 * hundreds of runs would take long; how often it was asked for is written to the file that SYNCS_TO names. */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int renameat (int old_fd, const char *old_name, int new_fd, const char *new_name);
int linkat (int old_fd, const char *old_name, int new_fd, const char *new_name, int flags);
int unlinkat (int fd, const char *name, int flags);
int fsync (int fd);
int fdatasync (int fd);
int syncfs (int fd);

static void
count (void)
{
  static atomic_int n;
  const char *limit = getenv ("KILL_AT");
  if (atomic_fetch_add (&n, 1) + 1 == (limit != NULL ? atoi (limit) : 0))
    kill (getpid (), SIGKILL);
}

int
renameat (int old_fd, const char *old_name, int new_fd, const char *new_name)
{
  int (*next) (int, const char *, int, const char *) = dlsym (RTLD_NEXT, "renameat");
  count ();
  return next (old_fd, old_name, new_fd, new_name);
}

int
linkat (int old_fd, const char *old_name, int new_fd, const char *new_name, int flags)
{
  int (*next) (int, const char *, int, const char *, int) = dlsym (RTLD_NEXT, "linkat");
  count ();
  return next (old_fd, old_name, new_fd, new_name, flags);
}

int
unlinkat (int fd, const char *name, int flags)
{
  int (*next) (int, const char *, int) = dlsym (RTLD_NEXT, "unlinkat");
  count ();
  return next (fd, name, flags);
}

static atomic_int n_syncs;

static int
count_sync (void)
{
  atomic_fetch_add (&n_syncs, 1);
  return 0;
}

int
fsync (int fd)
{
  return count_sync ();
}

int
fdatasync (int fd)
{
  return count_sync ();
}

int
syncfs (int fd)
{
  return count_sync ();
}

static void __attribute__ ((destructor))
write_syncs (void)
{
  const char *path = getenv ("SYNCS_TO");
  FILE *file = path != NULL ? fopen (path, "w") : NULL;
  if (file != NULL)
    {
      fprintf (file, "%d\n", n_syncs);
      fclose (file);
    }
}
