/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for layers as bootc does, by the digest of the blob and, as newer versions do, by diff ID. */
#include "host/prefetch-lookup.h"

#include "model/image-keys.h"
#include "ostree/stored-image.h"

struct _VarveLookupTable {
  VarveRepo *repo;
  GHashTable *diff_ids; /* diff ID (VarveDigest) -> digest of a blob (VarveDigest), of all images in the repository */
};

/* As in bootc, the first image with a diff ID counts, and images that cannot be parsed are skipped. */
static void
lookup_add_image (GHashTable *diff_ids, const VarveStoredImage *stored)
{
  if (stored->manifest == NULL || stored->config == NULL)
    return;
  g_autoptr (VarveManifest) manifest = varve_manifest_from_bytes (stored->manifest, NULL);
  g_autoptr (VarveConfig) config = varve_config_from_bytes (stored->config, NULL);
  if (manifest == NULL || config == NULL || config->diff_ids->len != manifest->layers->len)
    return;
  for (guint i = 0; i < manifest->layers->len; i++)
    {
      const VarveDigest *diff_id = varve_config_diff_id (config, i);
      if (!g_hash_table_contains (diff_ids, diff_id))
        g_hash_table_insert (diff_ids, g_memdup2 (diff_id, sizeof *diff_id),
                             g_memdup2 (&varve_manifest_layer (manifest, i)->digest, sizeof (VarveDigest)));
    }
}

VarveLookupTable *
varve_lookup_table_new (VarveRepo *repo, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) images = varve_stored_image_list (repo, cancellable, error);
  if (images == NULL)
    return NULL;
  VarveLookupTable *table = g_new0 (VarveLookupTable, 1);
  table->repo = repo;
  table->diff_ids = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, g_free);
  for (guint i = 0; i < images->len; i++)
    lookup_add_image (table->diff_ids, images->pdata[i]);
  return table;
}

void
varve_lookup_table_free (VarveLookupTable *table)
{
  g_hash_table_unref (table->diff_ids);
  g_free (table);
}

/* A commit layer found under another digest must have the commit that the image's label names. */
static gboolean
is_commit_of (const VarveImage *image, guint index, const VarveDigest *commit)
{
  const char *label = varve_config_label (image->config, VARVE_LABEL_COMMIT);
  g_autofree char *hex = varve_digest_to_hex (commit);
  return index > 0 || label == NULL || g_str_equal (label, hex);
}

gboolean
varve_lookup_layer (const VarveLookupTable *table, const VarveImage *image, guint index, VarveLookup *out_lookup,
                    GCancellable *cancellable, GError **error)
{
  VarveCachedLayer found;
  *out_lookup = (VarveLookup){ 0 };
  if (!varve_layer_cache_find (table->repo, &varve_manifest_layer (image->manifest, index)->digest, &found, cancellable,
                               error))
    return FALSE;
  out_lookup->commit = found.commit;
  out_lookup->broken = found.reason;
  out_lookup->has = found.state == VARVE_CACHED_WHOLE;
  const VarveDigest *other = g_hash_table_lookup (table->diff_ids, varve_config_diff_id (image->config, index));
  if (out_lookup->has || other == NULL)
    return TRUE;
  if (!varve_layer_cache_find (table->repo, other, &found, cancellable, error))
    return FALSE;
  g_free (found.reason);
  if (found.state != VARVE_CACHED_WHOLE || !is_commit_of (image, index, &found.commit))
    return TRUE;
  out_lookup->has = out_lookup->is_linked = TRUE;
  out_lookup->commit = found.commit;
  return TRUE;
}

void
varve_lookup_clear (VarveLookup *lookup)
{
  g_clear_pointer (&lookup->broken, g_free);
}
