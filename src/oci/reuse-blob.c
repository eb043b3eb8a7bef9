/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to reuse a blob of another layout, cheapest first. */
#include "oci/reuse-blob.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>

#include "base/error.h"

typedef struct {
  VarveLayout *layout;
  VarveBlobs *from;
  const VarveDescriptor *descriptor;
  const VarveBlobCheck *check;
  GCancellable *cancellable;
} Reuse;

static gboolean
reuse_check_stream (const Reuse *reuse, GInputStream *stream, GError **error)
{
  if (reuse->check == NULL)
    return varve_blobs_check_stream (stream, reuse->descriptor, reuse->cancellable, error);
  return reuse->check->func (stream, reuse->descriptor, reuse->check->data, reuse->cancellable, error);
}

static gboolean
reuse_check (const Reuse *reuse, int fd, GError **error)
{
  g_autofree char *digest = varve_digest_to_string (&reuse->descriptor->digest);
  if (lseek (fd, 0, SEEK_SET) != 0)
    return varve_set_errno (error, errno, "reading blob '%s'", digest);
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, FALSE);
  if (reuse_check_stream (reuse, stream, error))
    return TRUE;
  g_prefix_error (error, "blob '%s': ", digest);
  return FALSE;
}

/* A blob that another tool wrote may not be synced yet. */
static gboolean
reuse_sync (int fd, GError **error)
{
  return fdatasync (fd) == 0 || varve_set_errno (error, errno, "syncing a blob");
}

/* TRUE if the layout has a good blob; TRUE and not @out_has if it has none or a damaged one. */
static gboolean
reuse_existing (const Reuse *reuse, gboolean *out_has, GError **error)
{
  int fd = varve_layout_open_blob (reuse->layout, &reuse->descriptor->digest, reuse->descriptor->size_bytes);
  if (fd < 0)
    return TRUE;
  g_autoptr (GError) failure = NULL;
  gboolean is_good = reuse_check (reuse, fd, &failure) && reuse_sync (fd, &failure);
  close (fd);
  if (is_good)
    varve_layout_trust_blob (reuse->layout, &reuse->descriptor->digest);
  *out_has = is_good;
  if (is_good || (reuse->from != NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_CORRUPT)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
write_piece (const void *data, gsize size_bytes, gpointer file, GError **error)
{
  return varve_tempfile_write (file, data, size_bytes, error);
}

/* Checks what is in the temporary file, which nobody else writes to. */
static gboolean
reuse_copy (const Reuse *reuse, int fd, GError **error)
{
  const VarveDescriptor *descriptor = reuse->descriptor;
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (reuse->layout), error);
  if (file == NULL)
    return FALSE;
  gboolean is_cloned = fd >= 0 && ioctl (varve_tempfile_fd (file), FICLONE, fd) == 0;
  if (!is_cloned && fd >= 0 && varve_layout_can_link_blob (reuse->layout, fd, descriptor->size_bytes))
    {
      if (!reuse_check (reuse, fd, error))
        return FALSE;
      if (varve_layout_link_blob (reuse->layout, fd, &descriptor->digest, descriptor->size_bytes))
        return TRUE;
    }
  return (is_cloned || varve_blobs_stream (reuse->from, descriptor, write_piece, file, reuse->cancellable, error))
         && reuse_check (reuse, varve_tempfile_fd (file), error)
         && varve_layout_publish_blob (reuse->layout, file, &descriptor->digest, descriptor->size_bytes, error);
}

gboolean
varve_reuse_blob (VarveLayout *layout, VarveBlobs *from, const VarveDescriptor *descriptor, const VarveBlobCheck *check,
                  GCancellable *cancellable, GError **error)
{
  Reuse reuse
      = { .layout = layout, .from = from, .descriptor = descriptor, .check = check, .cancellable = cancellable };
  gboolean has = FALSE;
  if (!reuse_existing (&reuse, &has, error))
    return FALSE;
  if (has)
    return TRUE;
  if (from == NULL)
    {
      g_autofree char *digest = varve_digest_to_string (&descriptor->digest);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "blob '%s' is missing", digest);
      return FALSE;
    }
  int fd = from->open_file != NULL ? from->open_file (from, descriptor, error) : -1;
  if (from->open_file != NULL && fd < 0)
    return FALSE;
  gboolean done = reuse_copy (&reuse, fd, error);
  if (fd >= 0)
    close (fd);
  return done;
}
