/* The ways to reuse a blob of another layout, cheapest first. */
#include "oci/reuse-blob.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>

/* The stream's file if it is a regular file of that size; else -1. */
static int
file_of_stream (GInputStream *stream, guint64 size_bytes)
{
  struct stat status;
  int fd = G_IS_UNIX_INPUT_STREAM (stream) ? g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (stream)) : -1;
  gboolean is_whole
      = fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && (guint64)status.st_size == size_bytes;
  return is_whole ? fd : -1;
}

static gboolean
write_piece (const void *data, gsize size_bytes, gpointer file, GError **error)
{
  return varve_tempfile_write (file, data, size_bytes, error);
}

gboolean
varve_reuse_blob (VarveLayout *layout, VarveBlobs *from, const VarveDescriptor *descriptor, GCancellable *cancellable,
                  GError **error)
{
  if (varve_layout_has_blob (layout, &descriptor->digest, descriptor->size_bytes))
    return TRUE;
  g_autoptr (GInputStream) stream = varve_blobs_open (from, descriptor, cancellable, error);
  if (stream == NULL)
    return FALSE;
  int fd = file_of_stream (stream, descriptor->size_bytes);
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (layout), error);
  if (file == NULL)
    return FALSE;
  if (fd >= 0 && ioctl (varve_tempfile_fd (file), FICLONE, fd) == 0)
    return varve_layout_publish_blob (layout, file, &descriptor->digest, descriptor->size_bytes, error);
  if (fd >= 0 && varve_layout_link_blob (layout, fd, &descriptor->digest, descriptor->size_bytes))
    return TRUE;
  return varve_blobs_stream (from, descriptor, write_piece, file, cancellable, error)
         && varve_layout_publish_blob (layout, file, &descriptor->digest, descriptor->size_bytes, error);
}
