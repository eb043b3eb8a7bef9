/* SPDX-License-Identifier: Apache-2.0 */
/* Every object with a digest and a size counts as a reference, anywhere in a manifest: this keeps the blobs of unknown
 * kinds of manifests too. */
#include "oci/reachable-blobs.h"

#include "base/error.h"
#include "oci/document-keys.h"
#include "oci/document.h"

enum {
  NESTING_MAX = 4,       /* indexes in indexes */
  DOCUMENTS_MAX = 10000, /* manifests and indexes in all */
};

typedef struct {
  VarveBlobs *blobs;
  GHashTable *sizes; /* VarveDigest -> guint64, both owned */
  guint n_documents;
} Walk;

static gboolean
is_manifest_type (const char *media_type)
{
  static const char *const TYPES[] = {
    VARVE_MEDIA_TYPE_INDEX,
    VARVE_MEDIA_TYPE_INDEX_DOCKER,
    VARVE_MEDIA_TYPE_MANIFEST,
    VARVE_MEDIA_TYPE_MANIFEST_DOCKER,
    NULL,
  };
  return g_strv_contains (TYPES, media_type);
}

/* FALSE when @json is not a reference to a blob. */
static gboolean
read_reference (json_object *json, VarveDigest *out_digest, guint64 *out_size_bytes)
{
  const char *text = varve_json_get_string (json, "digest", NULL);
  return text != NULL && varve_digest_from_string (text, out_digest, NULL)
         && varve_json_get_size (json, "size", out_size_bytes, NULL);
}

static void
collect_references (Walk *walk, json_object *json)
{
  if (json_object_is_type (json, json_type_array))
    for (gsize i = 0; i < json_object_array_length (json); i++)
      collect_references (walk, json_object_array_get_idx (json, i));
  if (!json_object_is_type (json, json_type_object))
    return;
  VarveDigest digest;
  guint64 size_bytes;
  if (read_reference (json, &digest, &size_bytes) && !g_hash_table_contains (walk->sizes, &digest))
    g_hash_table_insert (walk->sizes, g_memdup2 (&digest, sizeof digest), g_memdup2 (&size_bytes, sizeof size_bytes));
  json_object_object_foreach (json, key, member)
  {
    (void)key;
    collect_references (walk, member);
  }
}

static gboolean walk_document (Walk *walk, json_object *document, guint nesting, GError **error);

static gboolean
walk_manifest (Walk *walk, json_object *json, guint nesting, GError **error)
{
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_from_json (json, error);
  if (descriptor == NULL)
    return FALSE;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = varve_blobs_load (walk->blobs, descriptor, VARVE_DOCUMENT_MAX_BYTES, &local_error);
  g_autoptr (json_object) document = NULL;
  if (bytes != NULL)
    document = varve_json_parse (bytes, VARVE_DOCUMENT_MAX_BYTES, &local_error);
  gboolean is_manifest = is_manifest_type (descriptor->media_type); /* an index may list anything */
  if (document != NULL && (!is_manifest || varve_json_check_keys (document, VARVE_DOCUMENT_KEYS, &local_error)))
    return walk_document (walk, document, nesting, error);
  if (!is_manifest)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
walk_document (Walk *walk, json_object *document, guint nesting, GError **error)
{
  if (nesting > NESTING_MAX || ++walk->n_documents > DOCUMENTS_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "indexes are nested deeper than %d or list more than %d manifests", NESTING_MAX, DOCUMENTS_MAX);
      return FALSE;
    }
  collect_references (walk, document);
  json_object *manifests;
  if (!varve_json_find (document, "manifests", json_type_array, &manifests, error))
    return FALSE;
  for (gsize i = 0; manifests != NULL && i < json_object_array_length (manifests); i++)
    if (!walk_manifest (walk, json_object_array_get_idx (manifests, i), nesting + 1, error))
      return FALSE;
  return TRUE;
}

GHashTable *
varve_reachable_blobs (VarveBlobs *blobs, GError **error)
{
  g_autoptr (GBytes) bytes = varve_blobs_load_index (blobs, error);
  if (bytes == NULL)
    return NULL;
  g_autoptr (json_object) document = varve_json_parse (bytes, VARVE_DOCUMENT_MAX_BYTES, error);
  if (document == NULL || !varve_json_check_keys (document, VARVE_DOCUMENT_KEYS, error))
    {
      g_prefix_error (error, "index: ");
      return NULL;
    }
  g_autoptr (GHashTable) sizes
      = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, g_free);
  Walk walk = { .blobs = blobs, .sizes = sizes };
  if (!walk_document (&walk, document, 0, error))
    return NULL;
  return g_steal_pointer (&sizes);
}
