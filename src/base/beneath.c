#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Component by component, for kernels before 5.6 and sandboxes that do not know the call. */
static int
open_by_steps (int rootfd, const char *path, int flags)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  int at = openat (rootfd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (char **name = names; at >= 0 && *name != NULL; name++)
    {
      gboolean is_last = name[1] == NULL;
      int next = -1;
      if (**name == '\0' || strcmp (*name, "..") == 0)
        errno = EXDEV;
      else
        next = openat (at, *name, is_last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      int saved_errno = errno;
      close (at);
      errno = saved_errno;
      at = next;
    }
  return at;
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
