/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/text-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tempfile.h"

gboolean
varve_write_text_file (const char *path, const char *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  int dirfd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dirfd < 0)
    return varve_set_errno (error, errno, "opening folder '%s'", folder);
  gboolean written = varve_write_file_atomic (dirfd, name, text, strlen (text), error);
  close (dirfd);
  return written;
}

gboolean
varve_write_digest_file (const char *path, const char *digest, GError **error)
{
  g_autofree char *line = g_strconcat (digest, "\n", NULL);
  return path == NULL || varve_write_text_file (path, line, error);
}
