/* SPDX-License-Identifier: Apache-2.0 */
#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For kernels before 5.6 and sandboxes that block openat2(2). */
static int
open_by_steps (int rootfd, const char *path, int flags)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  int folder = openat (rootfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (char **name = names; folder >= 0 && *name != NULL; name++)
    {
      gboolean is_last = name[1] == NULL;
      int next = -1;
      if (**name == '\0' || strcmp (*name, "..") == 0)
        errno = EXDEV;
      else
        next = openat (folder, *name, is_last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      int saved_errno = errno;
      close (folder);
      errno = saved_errno;
      folder = next;
    }
  return folder;
}

int
varve_open_beneath (int rootfd, const char *path, int flags)
{
  struct open_how how = {
    .flags = (guint64)(guint)flags,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  long fd;
  do
    fd = syscall (SYS_openat2, rootfd, path, &how, sizeof how);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  if (fd < 0 && (errno == ENOSYS || errno == EPERM))
    return open_by_steps (rootfd, path, flags);
  return (int)fd;
}
