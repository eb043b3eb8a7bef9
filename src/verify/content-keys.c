/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/content-keys.h"

#include <string.h>

#include "emit/content-key.h"
#include "model/image-keys.h"
#include "verify/commit-tree.h"

enum { STRING_CHUNK_BYTES = 1 << 16 };

/* The paths of each object in the commit, in walk order. */
typedef struct {
  GHashTable *by_object; /* VarveDigest -> GPtrArray of const char * */
  GStringChunk *strings;
} ObjectPaths;

static void
object_paths_add (gpointer data, const char *path, const VarveDigest *checksum)
{
  ObjectPaths *self = data;
  GPtrArray *paths = g_hash_table_lookup (self->by_object, checksum);
  if (paths == NULL)
    {
      paths = g_ptr_array_new ();
      g_hash_table_insert (self->by_object, g_memdup2 (checksum, sizeof *checksum), paths);
    }
  g_ptr_array_add (paths, g_string_chunk_insert (self->strings, path));
}

static VarveDigest
key_of_layer (const ObjectPaths *object_paths, const VarveLayerRecord *record)
{
  g_autoptr (VarveHash) hash = varve_content_key_start ();
  for (guint i = 0; i < record->objects->len; i++)
    {
      const VarveDigest *checksum = &g_array_index (record->objects, VarveLayerObject, i).checksum;
      const GPtrArray *paths = g_hash_table_lookup (object_paths->by_object, checksum);
      varve_content_key_feed_object (hash, checksum);
      for (guint j = 0; paths != NULL && j < paths->len; j++)
        varve_content_key_feed_path (hash, paths->pdata[j]);
      varve_content_key_feed_end (hash);
    }
  return varve_hash_finish (hash);
}

static void
content_key_compare (const VarveImage *image, guint index, const VarveLayerRecord *record, const VarveDigest *key,
                     VarveFindings *findings)
{
  const char *claimed
      = varve_descriptor_annotation (varve_manifest_layer (image->manifest, index), VARVE_ANNOTATION_CONTENT_KEY);
  g_autofree char *expected = varve_digest_to_string (key);
  if (claimed != NULL && strcmp (claimed, expected) != 0)
    varve_findings_add (findings, VARVE_SEVERITY_ERROR, "layer.content-key", record->place,
                        "the annotation '" VARVE_ANNOTATION_CONTENT_KEY
                        "' is the key of another content: expected %s: do not use this image with --previous",
                        expected);
}

void
varve_content_keys_check (const VarveImage *image, GPtrArray *records, VarveFindings *findings)
{
  g_return_if_fail (records->len > 0 && ((const VarveLayerRecord *)records->pdata[0])->has_commit);
  const VarveLayerRecord *first = records->pdata[0];
  ObjectPaths object_paths = {
    .by_object = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free,
                                        (GDestroyNotify)g_ptr_array_unref),
    .strings = g_string_chunk_new (STRING_CHUNK_BYTES),
  };
  VarveTreeVisitor visitor = { .file = object_paths_add, .data = &object_paths };
  if (varve_commit_tree_visit (first, &visitor, NULL)) /* varve_commit_objects_check() reports a failure */
    {
      VarveDigest key = varve_content_key_of_commit (&first->commit, first->commitmeta_raw);
      content_key_compare (image, 0, first, &key, findings);
      for (guint i = 1; i < records->len; i++)
        {
          key = key_of_layer (&object_paths, records->pdata[i]);
          content_key_compare (image, i, records->pdata[i], &key, findings);
        }
    }
  g_hash_table_unref (object_paths.by_object);
  g_string_chunk_free (object_paths.strings);
}
