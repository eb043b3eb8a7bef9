/* SPDX-License-Identifier: Apache-2.0 */
/* Small writes, mostly headers, are gathered so that hash and compressor see few calls; large ones, mostly contents,
 * pass through without a copy. */
#include "emit/layer.h"

#include <string.h>

#include "base/error.h"

enum { GATHER_BYTES = 1 << 16 };

struct _VarveLayerWriter {
  VarveSink sink;
  VarveHash *diff_hash, *blob_hash;
  VarveCompressor *compressor;
  VarveTempfile *file;
  VarveObserver *observer;
  VarveLayerResult result;
  GError *failure; /* of a write that had no way to report it */
  guint64 expected_raw_bytes;
  gsize gathered;
  guint8 gather[GATHER_BYTES];
};

static gboolean
write_blob (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  VarveLayerWriter *writer = data;
  varve_hash_update (writer->blob_hash, bytes, size_bytes);
  writer->result.size_bytes += size_bytes;
  return writer->file == NULL || varve_tempfile_write (writer->file, bytes, size_bytes, error);
}

static gboolean
write_raw (VarveLayerWriter *writer, const void *bytes, gsize size_bytes, GError **error)
{
  varve_hash_update (writer->diff_hash, bytes, size_bytes);
  varve_observer_advance (writer->observer, size_bytes);
  writer->result.raw_bytes += size_bytes;
  return varve_compressor_write (writer->compressor, bytes, size_bytes, error);
}

static gboolean
layer_check (const VarveLayerWriter *writer, GError **error)
{
  if (writer->failure == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (writer->failure));
  return FALSE;
}

static gboolean
flush_gathered (VarveLayerWriter *writer, GError **error)
{
  gsize size_bytes = writer->gathered;
  writer->gathered = 0;
  return size_bytes == 0 || write_raw (writer, writer->gather, size_bytes, error);
}

static gboolean
take_tar (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  VarveLayerWriter *writer = data;
  if (!layer_check (writer, error))
    return FALSE;
  if (size_bytes > GATHER_BYTES - writer->gathered && !flush_gathered (writer, error))
    return FALSE;
  if (size_bytes >= GATHER_BYTES / 4)
    return flush_gathered (writer, error) && write_raw (writer, bytes, size_bytes, error);
  memcpy (writer->gather + writer->gathered, bytes, size_bytes);
  writer->gathered += size_bytes;
  return TRUE;
}

/* A sink's borrow() returns no error, so the next write does. */
static guint8 *
layer_borrow (gpointer data, gsize size_bytes)
{
  VarveLayerWriter *writer = data;
  if (size_bytes < GATHER_BYTES / 4 || writer->failure != NULL || !flush_gathered (writer, &writer->failure))
    return NULL;
  return varve_compressor_borrow (writer->compressor, size_bytes);
}

VarveLayerWriter *
varve_layer_writer_new (const VarveCompressOptions *options, guint64 raw_bytes, int blobs_fd, VarveObserver *observer,
                        GError **error)
{
  g_autoptr (VarveLayerWriter) writer = g_new0 (VarveLayerWriter, 1);
  writer->sink = (VarveSink){ .write = take_tar, .borrow = layer_borrow, .data = writer };
  writer->diff_hash = varve_hash_new ();
  writer->blob_hash = varve_hash_new ();
  writer->observer = observer;
  writer->expected_raw_bytes = raw_bytes;
  VarveSink blob = { .write = write_blob, .data = writer };
  writer->compressor = varve_compressor_new (options, raw_bytes, &blob, error);
  if (writer->compressor == NULL)
    return NULL;
  if (blobs_fd >= 0)
    {
      writer->file = varve_tempfile_new (blobs_fd, error);
      if (writer->file == NULL)
        return NULL;
    }
  return g_steal_pointer (&writer);
}

void
varve_layer_writer_free (VarveLayerWriter *writer)
{
  g_clear_pointer (&writer->compressor, varve_compressor_free);
  g_clear_pointer (&writer->file, varve_tempfile_free);
  g_clear_error (&writer->failure);
  varve_hash_free (writer->diff_hash);
  varve_hash_free (writer->blob_hash);
  g_free (writer);
}

VarveSink *
varve_layer_writer_sink (VarveLayerWriter *writer)
{
  return &writer->sink;
}

gboolean
varve_layer_writer_finish (VarveLayerWriter *writer, VarveLayerResult *out_result, VarveTempfile **out_file,
                           GError **error)
{
  if (!layer_check (writer, error) || !flush_gathered (writer, error)
      || !varve_compressor_finish (writer->compressor, error))
    return FALSE;
  if (writer->result.raw_bytes != writer->expected_raw_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "wrote %" G_GUINT64_FORMAT " bytes of tar, expected %" G_GUINT64_FORMAT, writer->result.raw_bytes,
                   writer->expected_raw_bytes);
      return FALSE;
    }
  writer->result.diff_id = varve_hash_finish (writer->diff_hash);
  writer->result.digest = varve_hash_finish (writer->blob_hash);
  const VarveChunkedIndex *index = varve_compressor_index (writer->compressor);
  writer->result.is_chunked = index != NULL;
  if (index != NULL)
    writer->result.index = *index;
  *out_result = writer->result;
  *out_file = g_steal_pointer (&writer->file);
  return TRUE;
}

VarveDescriptor *
varve_layer_result_describe (const VarveLayerResult *result, VarveCompression compression)
{
  VarveDescriptor *descriptor
      = varve_descriptor_new (varve_compression_media_type (compression), &result->digest, result->size_bytes);
  if (result->is_chunked)
    varve_chunked_index_annotate (descriptor, &result->index);
  return descriptor;
}
