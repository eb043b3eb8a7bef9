/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a program, it kills that program just before the KILL_AT-th time that it renames, links or removes a
 * file: so that a test can end it at each of these moments. Nothing is synced meanwhile: a kill is no power cut, and
 * hundreds of runs would take long. */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
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

int
fsync (int fd)
{
  return 0;
}

int
fdatasync (int fd)
{
  return 0;
}

int
syncfs (int fd)
{
  return 0;
}
