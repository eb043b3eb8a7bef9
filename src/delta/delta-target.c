/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/delta-target.h"

#include "base/error.h"

VarveDeltaBlob *
varve_delta_blob_new (VarveTarget *target, GError **error)
{
  VarveTempfile *file = varve_tempfile_new (varve_layout_blobs_fd (varve_target_layout (target)), error);
  if (file == NULL)
    return NULL;
  VarveDeltaBlob *blob = g_new0 (VarveDeltaBlob, 1);
  blob->file = file;
  blob->hash = varve_hash_new ();
  return blob;
}

void
varve_delta_blob_free (VarveDeltaBlob *blob)
{
  g_clear_pointer (&blob->file, varve_tempfile_free);
  g_clear_pointer (&blob->hash, varve_hash_free);
  g_free (blob);
}

static gboolean
blob_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  VarveDeltaBlob *blob = data;
  varve_hash_update (blob->hash, bytes, size_bytes);
  blob->size_bytes += size_bytes;
  return varve_tempfile_write (blob->file, bytes, size_bytes, error);
}

VarveSink
varve_delta_blob_sink (VarveDeltaBlob *blob)
{
  return (VarveSink){ .write = blob_write, .data = blob };
}

void
varve_delta_blob_finish (VarveDeltaBlob *blob)
{
  blob->digest = varve_hash_finish (blob->hash);
  g_clear_pointer (&blob->hash, varve_hash_free);
}

gboolean
varve_delta_blob_publish (VarveDeltaBlob *blob, VarveTarget *target, GError **error)
{
  return varve_layout_publish_blob (varve_target_layout (target), blob->file, &blob->digest, blob->size_bytes, error);
}

static gboolean
copy_piece (const void *data, gsize size_bytes, gpointer user_data, GError **error)
{
  return varve_tempfile_write (user_data, data, size_bytes, error);
}

gboolean
varve_delta_target_copy (VarveTarget *target, VarveBlobs *blobs, const VarveDescriptor *descriptor,
                         GCancellable *cancellable, GError **error)
{
  VarveLayout *layout = varve_target_layout (target);
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (layout), error);
  return file != NULL && varve_blobs_stream (blobs, descriptor, copy_piece, file, cancellable, error)
         && varve_layout_publish_blob (layout, file, &descriptor->digest, descriptor->size_bytes, error);
}

gboolean
varve_delta_target_publish (VarveTarget *target, const VarveDeltaDocuments *documents, VarveDigest *out_digest,
                            GCancellable *cancellable, GError **error)
{
  VarveLayout *layout = varve_target_layout (target);
  VarveDigest digest;
  varve_delta_manifest_annotate_costs (documents->manifest);
  g_autoptr (GBytes) empty = g_bytes_new_static ("{}", 2);
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (documents->manifest);
  if (g_bytes_get_size (bytes) > VARVE_DOCUMENT_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "the delta's manifest has %" G_GSIZE_FORMAT " bytes, the limit is %u", g_bytes_get_size (bytes),
                   (guint)VARVE_DOCUMENT_MAX_BYTES);
      return FALSE;
    }
  if (!varve_layout_add_blob (layout, empty, &digest, error)
      || !varve_layout_add_blob (layout, documents->target_manifest, &digest, error)
      || !varve_layout_add_blob (layout, documents->target_config, &digest, error)
      || !varve_layout_add_blob (layout, bytes, out_digest, error))
    return FALSE;
  g_autoptr (VarveDescriptor) descriptor
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, out_digest, g_bytes_get_size (bytes));
  return varve_target_publish (target, descriptor, VARVE_ARCHIVE_WHOLE, cancellable, error);
}
