/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/content-keys.h"

#include <string.h>

#include "emit/content-key.h"
#include "emit/tar.h"
#include "emit/whiteout-tar.h"
#include "model/image-keys.h"
#include "model/layer-entries.h"
#include "verify/commit-tree.h"
#include "verify/ledger-claims.h"

enum { STRING_CHUNK_BYTES = 1 << 16 };

/* The paths of each object in the commit, in walk order; or of a layer's objects, in its order. */
typedef struct {
  GHashTable *by_object; /* VarveDigest -> GPtrArray of const char * */
  GHashTable *numbers;   /* VarveDigest, of by_object -> its place in the order of first paths */
  GStringChunk *strings;
  gboolean has_usr_etc; /* which layers show at /etc */
} ObjectPaths;

static void
object_paths_init (ObjectPaths *self)
{
  self->by_object = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free,
                                           (GDestroyNotify)g_ptr_array_unref);
  self->numbers = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  self->strings = g_string_chunk_new (STRING_CHUNK_BYTES);
}

static void
object_paths_clear (ObjectPaths *self)
{
  g_clear_pointer (&self->numbers, g_hash_table_unref);
  g_clear_pointer (&self->by_object, g_hash_table_unref);
  g_clear_pointer (&self->strings, g_string_chunk_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ObjectPaths, object_paths_clear)

static void
object_paths_add (gpointer data, const char *path, const VarveDigest *checksum)
{
  ObjectPaths *self = data;
  GPtrArray *paths = g_hash_table_lookup (self->by_object, checksum);
  if (paths == NULL)
    {
      VarveDigest *key = g_memdup2 (checksum, sizeof *checksum);
      paths = g_ptr_array_new ();
      g_hash_table_insert (self->by_object, key, paths);
      g_hash_table_insert (self->numbers, key, GUINT_TO_POINTER (g_hash_table_size (self->numbers)));
    }
  g_ptr_array_add (paths, g_string_chunk_insert (self->strings, path));
  self->has_usr_etc |= g_str_has_prefix (path, "usr/etc/");
}

static void
feed_object (VarveHash *hash, const ObjectPaths *object_paths, const VarveDigest *checksum)
{
  const GPtrArray *paths = g_hash_table_lookup (object_paths->by_object, checksum);
  varve_content_key_feed_object (hash, checksum);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    varve_content_key_feed_path (hash, paths->pdata[i]);
  varve_content_key_feed_end (hash);
}

static VarveDigest
key_of_layer (const ObjectPaths *object_paths, const VarveLayerRecord *record)
{
  g_autoptr (VarveHash) hash = varve_content_key_start ();
  for (guint i = 0; i < record->objects->len; i++)
    feed_object (hash, object_paths, &g_array_index (record->objects, VarveLayerObject, i).checksum);
  return varve_hash_finish (hash);
}

/* The paths at which the layer has its objects, as in a commit. */
static void
object_paths_add_record (ObjectPaths *own, const VarveLayerRecord *record, gboolean has_usr_etc)
{
  object_paths_init (own);
  for (guint i = 0; i < record->paths->len; i++)
    {
      const VarveLayerPath *path = &g_array_index (record->paths, VarveLayerPath, i);
      gboolean is_etc = has_usr_etc && g_str_has_prefix (path->path, "etc/");
      g_autofree char *of_commit = g_strconcat (is_etc ? "usr/" : "", path->path, NULL);
      if (path->type != VARVE_TAR_DIRECTORY)
        object_paths_add (own, of_commit, &path->object);
    }
}

/* A layer with stale objects has the key that it was written with: by its own paths, as its commit had them. */
static VarveDigest
key_by_own_paths (const VarveLayerRecord *record, gboolean has_usr_etc)
{
  g_auto (ObjectPaths) own = { 0 };
  object_paths_add_record (&own, record, has_usr_etc);
  return key_of_layer (&own, record);
}

/* A layer without objects only removes paths. */
static VarveDigest
key_of_whiteouts (const VarveLayerRecord *record)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < record->paths->len; i++)
    g_ptr_array_add (names, (gpointer)g_array_index (record->paths, VarveLayerPath, i).path);
  return varve_whiteout_tar_key_of_names (names);
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

static int
compare_numbers (gconstpointer a, gconstpointer b, gpointer data)
{
  const ObjectPaths *object_paths = data;
  guint left = GPOINTER_TO_UINT (g_hash_table_lookup (object_paths->numbers, *(const VarveDigest *const *)a));
  guint right = GPOINTER_TO_UINT (g_hash_table_lookup (object_paths->numbers, *(const VarveDigest *const *)b));
  return (left > right) - (left < right);
}

/* Of what is shown from the layer, in walk order: another tool may have written it in any order. */
static VarveDigest
key_of_live (const ObjectPaths *object_paths, const VarveLayerRecord *record)
{
  g_autoptr (GPtrArray) live = g_ptr_array_new ();
  g_autoptr (VarveHash) hash = varve_content_key_start ();
  for (guint i = 0; i < record->objects->len; i++)
    {
      VarveLayerObject *object = &g_array_index (record->objects, VarveLayerObject, i);
      if (object->is_live)
        g_ptr_array_add (live, &object->checksum);
    }
  g_ptr_array_sort_with_data (live, compare_numbers, (gpointer)object_paths);
  for (guint i = 0; i < live->len; i++)
    feed_object (hash, object_paths, live->pdata[i]);
  return varve_hash_finish (hash);
}

static VarveStaleObject *
stale_object (const ObjectPaths *own, const VarveLayerObject *object)
{
  GPtrArray *paths = g_ptr_array_new ();
  const GPtrArray *found = g_hash_table_lookup (own->by_object, &object->checksum);
  for (guint i = 0; found != NULL && i < found->len; i++)
    g_ptr_array_add (paths, g_strdup (found->pdata[i]));
  return varve_stale_object_new (paths, object->size_bytes, varve_stale_object_mark (&object->checksum));
}

static void
check_claims (const VarveImage *image, const VarveLedger *ledger, guint index, const VarveLayerRecord *record,
              const ObjectPaths *object_paths, VarveFindings *findings)
{
  g_auto (ObjectPaths) own = { 0 };
  g_auto (VarveLayerFacts) facts
      = { .key = key_of_live (object_paths, record),
          .stale = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free) };
  if (record->may_be_stale)
    object_paths_add_record (&own, record, object_paths->has_usr_etc);
  for (guint i = 0; i < record->objects->len; i++)
    {
      const VarveLayerObject *object = &g_array_index (record->objects, VarveLayerObject, i);
      if (!object->is_live)
        g_ptr_array_add (facts.stale, stale_object (&own, object));
    }
  varve_ledger_claims_check (image, ledger, index, &facts, VARVE_STALE_EXACT, findings);
}

void
varve_content_keys_check (const VarveImage *image, GPtrArray *records, const VarveLedger *ledger,
                          VarveFindings *findings)
{
  g_return_if_fail (records->len > 0 && ((const VarveLayerRecord *)records->pdata[0])->has_commit);
  const VarveLayerRecord *first = records->pdata[0];
  g_auto (ObjectPaths) object_paths = { 0 };
  object_paths_init (&object_paths);
  VarveTreeVisitor visitor = { .file = object_paths_add, .data = &object_paths };
  if (!varve_commit_tree_visit (first, &visitor, NULL))
    return; /* varve_commit_objects_check() reports it */
  VarveDigest key = varve_content_key_of_commit (&first->commit, first->commitmeta_raw);
  content_key_compare (image, 0, first, &key, findings);
  for (guint i = 1; i < records->len; i++)
    {
      const VarveLayerRecord *record = records->pdata[i];
      if (record->objects->len == 0 && record->paths->len > 0)
        key = key_of_whiteouts (record);
      else
        key = record->may_be_stale ? key_by_own_paths (record, object_paths.has_usr_etc)
                                   : key_of_layer (&object_paths, record);
      content_key_compare (image, i, record, &key, findings);
      if (ledger != NULL)
        check_claims (image, ledger, i, record, &object_paths, findings);
    }
}
