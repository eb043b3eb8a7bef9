/* SPDX-License-Identifier: Apache-2.0 */
/* Only names made from a digest are removed, whatever the journal says. */
#include "oci/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tempfile.h"

enum { JOURNAL_MAX_BYTES = 4 * 1024 * 1024 };

struct _VarvePending {
  GMutex mutex;
  int layout_fd;
  int fd;              /* of the journal, -1 until something is added */
  GHashTable *digests; /* set of VarveDigest, owned */
};

static void
read_lines (VarvePending *pending, GBytes *content)
{
  gsize size_bytes;
  const char *data = g_bytes_get_data (content, &size_bytes);
  g_autofree char *text = g_strndup (data != NULL ? data : "", size_bytes);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      VarveDigest digest; /* a truncated line is not a digest, and its blob has no name yet */
      if (varve_digest_from_hex (*line, &digest, NULL))
        g_hash_table_add (pending->digests, g_memdup2 (&digest, sizeof digest));
    }
}

VarvePending *
varve_pending_open (int layout_fd, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) content = varve_read_file (layout_fd, VARVE_PENDING_NAME, JOURNAL_MAX_BYTES, &local_error);
  if (content == NULL && !g_error_matches (local_error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  VarvePending *pending = g_new0 (VarvePending, 1);
  g_mutex_init (&pending->mutex);
  pending->layout_fd = layout_fd;
  pending->fd = -1;
  pending->digests = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  if (content != NULL)
    read_lines (pending, content);
  return pending;
}

void
varve_pending_free (VarvePending *pending)
{
  if (pending->fd >= 0)
    close (pending->fd);
  g_hash_table_unref (pending->digests);
  g_mutex_clear (&pending->mutex);
  g_free (pending);
}

static gboolean
journal_append (VarvePending *pending, const char *text, GError **error)
{
  gsize size_bytes = strlen (text);
  ssize_t written;
  do
    written = write (pending->fd, text, size_bytes);
  while (written < 0 && errno == EINTR);
  if (written == (ssize_t)size_bytes)
    return TRUE;
  return varve_set_errno (error, written < 0 ? errno : ENOSPC, "writing '" VARVE_PENDING_NAME "'");
}

static gboolean
pending_add_locked (VarvePending *pending, const VarveDigest *digest, GError **error)
{
  if (g_hash_table_contains (pending->digests, digest))
    return TRUE;
  if (pending->fd < 0)
    {
      int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
      pending->fd = openat (pending->layout_fd, VARVE_PENDING_NAME, flags, 0644);
      if (pending->fd < 0)
        return varve_set_errno (error, errno, "opening '" VARVE_PENDING_NAME "'");
      if (!journal_append (pending, "\n", error)) /* ends a truncated line */
        return FALSE;
    }
  g_autofree char *hex = varve_digest_to_hex (digest);
  g_autofree char *line = g_strconcat (hex, "\n", NULL);
  if (!journal_append (pending, line, error))
    return FALSE;
  g_hash_table_add (pending->digests, g_memdup2 (digest, sizeof *digest));
  return TRUE;
}

gboolean
varve_pending_add (VarvePending *pending, const VarveDigest *digest, GError **error)
{
  g_mutex_lock (&pending->mutex);
  gboolean added = pending_add_locked (pending, digest, error);
  g_mutex_unlock (&pending->mutex);
  return added;
}

guint
varve_pending_count (VarvePending *pending)
{
  g_mutex_lock (&pending->mutex);
  guint n = g_hash_table_size (pending->digests);
  g_mutex_unlock (&pending->mutex);
  return n;
}

static gboolean
remove_unreached (VarvePending *pending, int blobs_fd, GHashTable *reached, GError **error)
{
  GHashTableIter iter;
  gpointer digest;
  g_hash_table_iter_init (&iter, pending->digests);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    {
      if (g_hash_table_contains (reached, digest))
        continue;
      g_autofree char *hex = varve_digest_to_hex (digest);
      if (unlinkat (blobs_fd, hex, 0) != 0 && errno != ENOENT)
        return varve_set_errno (error, errno, "removing the unused blob '%s'", hex);
    }
  return TRUE;
}

gboolean
varve_pending_settle (VarvePending *pending, int blobs_fd, GHashTable *reached, GError **error)
{
  if (!remove_unreached (pending, blobs_fd, reached, error))
    return FALSE;
  if (unlinkat (pending->layout_fd, VARVE_PENDING_NAME, 0) != 0 && errno != ENOENT)
    return varve_set_errno (error, errno, "removing '" VARVE_PENDING_NAME "'");
  if (pending->fd >= 0)
    close (pending->fd);
  pending->fd = -1;
  g_hash_table_remove_all (pending->digests);
  return TRUE;
}
