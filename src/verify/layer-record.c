/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/layer-record.h"

enum { STRING_CHUNK_BYTES = 1 << 16 };

static GHashTable *
new_metadata_table (void)
{
  return g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free,
                                (GDestroyNotify)g_bytes_unref);
}

VarveLayerRecord *
varve_layer_record_new (const char *place)
{
  VarveLayerRecord *record = g_new0 (VarveLayerRecord, 1);
  record->place = g_strdup (place);
  record->objects = g_array_new (FALSE, FALSE, sizeof (VarveLayerObject));
  record->object_indices = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  record->paths = g_array_new (FALSE, FALSE, sizeof (VarveLayerPath));
  record->dirtrees = new_metadata_table ();
  record->dirmetas = new_metadata_table ();
  record->strings = g_string_chunk_new (STRING_CHUNK_BYTES);
  return record;
}

void
varve_layer_record_free (VarveLayerRecord *record)
{
  g_free (record->place);
  g_array_unref (record->objects);
  g_hash_table_unref (record->object_indices);
  g_array_unref (record->paths);
  g_hash_table_unref (record->dirtrees);
  g_hash_table_unref (record->dirmetas);
  g_clear_pointer (&record->commit_raw, g_bytes_unref);
  g_clear_pointer (&record->commitmeta_raw, g_bytes_unref);
  g_string_chunk_free (record->strings);
  g_free (record);
}

const VarveLayerObject *
varve_layer_record_find (const VarveLayerRecord *record, const VarveDigest *checksum)
{
  gpointer index = g_hash_table_lookup (record->object_indices, checksum);
  return index != NULL ? &g_array_index (record->objects, VarveLayerObject, GPOINTER_TO_UINT (index) - 1) : NULL;
}

void
varve_layer_record_add_object (VarveLayerRecord *record, const VarveLayerObject *object)
{
  g_array_append_val (record->objects, *object);
  g_hash_table_insert (record->object_indices, g_memdup2 (&object->checksum, sizeof object->checksum),
                       GUINT_TO_POINTER (record->objects->len));
}

void
varve_layer_record_add_path (VarveLayerRecord *record, const VarveLayerPath *path)
{
  VarveLayerPath copy = *path;
  copy.path = g_string_chunk_insert (record->strings, path->path);
  g_array_append_val (record->paths, copy);
}
