/* SPDX-License-Identifier: Apache-2.0 */
/* Files are written under a temporary name, synced and renamed. */
#include "base/tempfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum { NAME_ATTEMPTS = 100 };

struct _VarveTempfile {
  int dirfd;
  int fd;
  char *name; /* NULL once it is published */
};

VarveTempfile *
varve_tempfile_new (int dirfd, GError **error)
{
  for (guint i = 0; i < NAME_ATTEMPTS; i++)
    {
      g_autofree char *name = g_strdup_printf (VARVE_TEMPFILE_PREFIX "%08x%08x", g_random_int (), g_random_int ());
      int fd = openat (dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (fd >= 0)
        {
          VarveTempfile *file = g_new0 (VarveTempfile, 1);
          *file = (VarveTempfile){ .dirfd = dirfd, .fd = fd, .name = g_steal_pointer (&name) };
          return file;
        }
      if (errno != EEXIST)
        break;
    }
  varve_set_errno (error, errno, "creating a temporary file");
  return NULL;
}

void
varve_tempfile_free (VarveTempfile *file)
{
  close (file->fd);
  if (file->name != NULL)
    unlinkat (file->dirfd, file->name, 0);
  g_free (file->name);
  g_free (file);
}

int
varve_tempfile_fd (VarveTempfile *file)
{
  return file->fd;
}

/* Only the descriptor of the folder is known here; a message needs its path. */
static gboolean
tempfile_fail (const VarveTempfile *file, int saved_errno, GError **error)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", file->dirfd);
  g_autofree char *folder = g_file_read_link (link, NULL);
  g_autofree char *escaped = varve_escape (folder != NULL ? folder : "a temporary file");
  return varve_set_errno (error, saved_errno, "writing to '%s'", escaped);
}

gboolean
varve_tempfile_write (VarveTempfile *file, const void *data, gsize size_bytes, GError **error)
{
  const guint8 *next = data;
  while (size_bytes > 0)
    {
      ssize_t written = write (file->fd, next, size_bytes);
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return tempfile_fail (file, errno, error);
      next += written;
      size_bytes -= (gsize)written;
    }
  return TRUE;
}

gboolean
varve_tempfile_publish (VarveTempfile *file, const char *name, GError **error)
{
  g_return_val_if_fail (file->name != NULL, FALSE);
  if (fchmod (file->fd, 0644) != 0)
    return varve_set_errno (error, errno, "setting the mode of '%s'", name);
  if (fdatasync (file->fd) != 0)
    return varve_set_errno (error, errno, "syncing '%s'", name);
  if (renameat (file->dirfd, file->name, file->dirfd, name) != 0)
    return varve_set_errno (error, errno, "renaming a temporary file to '%s'", name);
  g_clear_pointer (&file->name, g_free);
  return TRUE;
}

gboolean
varve_write_file_atomic (int dirfd, const char *name, const void *data, gsize size_bytes, GError **error)
{
  g_autoptr (VarveTempfile) file = varve_tempfile_new (dirfd, error);
  if (file == NULL || !varve_tempfile_write (file, data, size_bytes, error)
      || !varve_tempfile_publish (file, name, error))
    {
      g_prefix_error (error, "writing '%s': ", name);
      return FALSE;
    }
  return TRUE;
}

gboolean
varve_remove_tempfiles (int dirfd, GError **error)
{
  int fd = openat (dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return varve_set_errno (error, errno, "opening a folder to clean");
  DIR *directory = fdopendir (fd);
  if (directory == NULL)
    {
      int saved_errno = errno;
      close (fd);
      return varve_set_errno (error, saved_errno, "reading a folder to clean");
    }
  for (struct dirent *entry = readdir (directory); entry != NULL; entry = readdir (directory))
    if (g_str_has_prefix (entry->d_name, VARVE_TEMPFILE_PREFIX))
      unlinkat (dirfd, entry->d_name, 0); /* the next run tries again */
  closedir (directory);
  return TRUE;
}

static GBytes *
read_descriptor (int fd, const char *name, gsize max_bytes, GError **error)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  guint8 buffer[65536];
  for (;;)
    {
      ssize_t n = read (fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          varve_set_errno (error, errno, "reading '%s'", name);
          return NULL;
        }
      if (n == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&content));
      if (content->len + (gsize)n > max_bytes)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                       "'%s' is larger than the limit of %" G_GSIZE_FORMAT " bytes", name, max_bytes);
          return NULL;
        }
      g_byte_array_append (content, buffer, (guint)n);
    }
}

GBytes *
varve_read_file (int dirfd, const char *name, gsize max_bytes, GError **error)
{
  int fd = openat (dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    {
      varve_set_errno (error, errno, "opening '%s'", name);
      return NULL;
    }
  GBytes *content = read_descriptor (fd, name, max_bytes, error);
  close (fd);
  return content;
}
