/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum {
  LOCK_POLL_MICROSECONDS = 50000,
  OPEN_ATTEMPTS = 1000, /* how often the file may vanish between two system calls */
  PID_TEXT_BYTES = 32,
};

static guint timeout_seconds = VARVE_LOCK_TIMEOUT_SECONDS;

void
varve_layout_lock_set_timeout (guint seconds)
{
  timeout_seconds = seconds;
}

/* Readable and writable for those who can write into the folder, because who can open it can lock it. */
static mode_t
lock_mode (int folder_fd)
{
  struct stat folder;
  mode_t mode = 0600;
  if (fstat (folder_fd, &folder) != 0)
    return mode;
  if (folder.st_mode & S_IWGRP)
    mode |= 0060;
  if (folder.st_mode & S_IWOTH)
    mode |= 0006;
  return mode;
}

static int
open_or_create (int folder_fd)
{
  const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  for (guint i = 0; i < OPEN_ATTEMPTS; i++)
    {
      int fd = openat (folder_fd, VARVE_LAYOUT_LOCK_NAME, flags);
      if (fd < 0 && errno == ENOENT)
        fd = openat (folder_fd, VARVE_LAYOUT_LOCK_NAME, flags | O_CREAT | O_EXCL, 0600);
      if (fd >= 0 || errno != EEXIST)
        return fd;
    }
  return -1;
}

static int
open_lock (int folder_fd, GError **error)
{
  struct stat status;
  int fd = open_or_create (folder_fd);
  if (fd < 0)
    {
      varve_set_errno (error, errno, "opening '" VARVE_LAYOUT_LOCK_NAME "'");
      return -1;
    }
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_nlink <= 1)
    {
      mode_t mode = lock_mode (folder_fd);
      if ((status.st_mode & 07777) == mode || status.st_uid != geteuid () || fchmod (fd, mode) == 0)
        return fd;
      varve_set_errno (error, errno, "setting the mode of '" VARVE_LAYOUT_LOCK_NAME "'");
    }
  else
    g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                         "'" VARVE_LAYOUT_LOCK_NAME
                         "' is not a regular file with one name: expected a lock: remove it");
  close (fd);
  return -1;
}

/* The holder removes the file before it releases the lock, so a lock on a removed file is worth nothing. */
static gboolean
is_in_folder (int folder_fd, int fd)
{
  struct stat opened, found;
  return fstat (fd, &opened) == 0 && fstatat (folder_fd, VARVE_LAYOUT_LOCK_NAME, &found, AT_SYMLINK_NOFOLLOW) == 0
         && opened.st_dev == found.st_dev && opened.st_ino == found.st_ino;
}

/* Only for messages of others: an error does not matter. */
static void
write_holder (int fd)
{
  char text[PID_TEXT_BYTES];
  int length = g_snprintf (text, sizeof text, "%d\n", (int)getpid ());
  if (ftruncate (fd, 0) != 0 || pwrite (fd, text, (size_t)length, 0) != length)
    g_debug ("'" VARVE_LAYOUT_LOCK_NAME "': %s", g_strerror (errno));
}

static char *
describe_holder (int fd)
{
  char text[PID_TEXT_BYTES];
  ssize_t n = pread (fd, text, sizeof text - 1, 0);
  text[MAX (n, 0)] = '\0';
  long pid = strtol (text, NULL, 10);
  return pid > 0 ? g_strdup_printf ("process %ld", pid) : g_strdup ("another process");
}

/* TRUE when it may be tried again. Closes nothing. */
static gboolean
wait_for_holder (int fd, gint64 deadline, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (g_get_monotonic_time () < deadline)
    {
      g_usleep (LOCK_POLL_MICROSECONDS);
      return TRUE;
    }
  g_autofree char *holder = describe_holder (fd);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO,
               "locked by %s for %u seconds: wait until that ends, or set a longer --lock-timeout", holder,
               timeout_seconds);
  return FALSE;
}

static void
warn_once (int fd, const char *name, VarveObserver *observer, gboolean *is_warned)
{
  if (*is_warned || timeout_seconds == 0)
    return;
  *is_warned = TRUE;
  g_autofree char *holder = describe_holder (fd);
  varve_observer_warn (observer, "layout '%s': %s is writing: waiting up to %u seconds for it to finish", name, holder,
                       timeout_seconds);
}

int
varve_layout_lock_take (int folder_fd, const char *name, VarveObserver *observer, GCancellable *cancellable,
                        GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)timeout_seconds * G_USEC_PER_SEC;
  gboolean is_warned = FALSE;
  for (;;)
    {
      int fd = open_lock (folder_fd, error);
      if (fd < 0)
        return -1;
      gboolean is_taken = flock (fd, LOCK_EX | LOCK_NB) == 0;
      if (is_taken && is_in_folder (folder_fd, fd))
        {
          write_holder (fd);
          return fd;
        }
      gboolean may_wait = TRUE;
      if (!is_taken && errno != EWOULDBLOCK && errno != EINTR)
        may_wait = varve_set_errno (error, errno, "locking '" VARVE_LAYOUT_LOCK_NAME "'");
      else if (!is_taken)
        {
          warn_once (fd, name, observer, &is_warned);
          may_wait = wait_for_holder (fd, deadline, cancellable, error);
        }
      close (fd);
      if (!may_wait)
        return -1;
    }
}

void
varve_layout_lock_release (int folder_fd, int lock_fd)
{
  if (is_in_folder (folder_fd, lock_fd))
    unlinkat (folder_fd, VARVE_LAYOUT_LOCK_NAME, 0); /* a file that stays is an unlocked one */
  close (lock_fd);
}
