/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A path for what a target has in memory, for functions that take a path; for one target each. */

#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
  int fd;
  char *path;
} MemoryFile;

static void
memory_file_close (MemoryFile *file)
{
  close (file->fd);
  g_free (file->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MemoryFile, memory_file_close)

static MemoryFile
memory_file_of (const void *data, size_t size)
{
  MemoryFile file = { .fd = memfd_create ("input", MFD_CLOEXEC) };
  g_assert (file.fd >= 0 && write (file.fd, data, size) == (ssize_t)size);
  file.path = g_strdup_printf ("/proc/self/fd/%d", file.fd);
  return file;
}
