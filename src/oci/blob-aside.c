/* SPDX-License-Identifier: Apache-2.0 */
/* Spooling a blob at a limited rate before it is used. */
#include "oci/blob-aside.h"

#include "base/extent-file.h"

typedef struct {
  const VarveBlobAside *aside;
  VarveExtentFile *file;
  guint64 at;
  GCancellable *cancellable;
} Writer;

static gboolean
write_piece (const void *data, gsize size_bytes, gpointer user_data, GError **error)
{
  Writer *writer = user_data;
  varve_observer_advance (writer->aside->observer, size_bytes);
  if (!varve_extent_file_write (writer->file, writer->at, data, size_bytes, error))
    return FALSE;
  writer->at += size_bytes;
  return varve_rate_limit_wait (writer->aside->limit, size_bytes, writer->cancellable, error);
}

GInputStream *
varve_blob_aside (const VarveBlobAside *aside, VarveBlobs *blobs, const VarveDescriptor *descriptor,
                  GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveExtentFile) file = varve_extent_file_new (aside->folder, error);
  Writer writer = { .aside = aside, .file = file, .cancellable = cancellable };
  if (file == NULL || !varve_blobs_stream (blobs, descriptor, write_piece, &writer, cancellable, error))
    return NULL;
  VarveExtent whole = { .size_bytes = writer.at };
  return varve_extent_file_open_take (g_steal_pointer (&file), whole);
}
