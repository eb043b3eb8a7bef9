#include "host/prefetch-lookup.h"

#include "ostree/stored-image.h"

/* The first image that has a diff ID counts, as in bootc. What cannot be read, bootc could not either. */
static void
add_image (GHashTable *diff_ids, const VarveStoredImage *stored)
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

GHashTable *
varve_lookup_diff_ids (VarveRepo *repo, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) images = varve_stored_image_list (repo, cancellable, error);
  if (images == NULL)
    return NULL;
  GHashTable *diff_ids = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, g_free);
  for (guint i = 0; i < images->len; i++)
    add_image (diff_ids, images->pdata[i]);
  return diff_ids;
}

/* A commit layer under another digest must be of the commit that the image names. */
static gboolean
is_wanted (const VarveImage *image, guint index, const VarveDigest *commit)
{
  const char *label = varve_config_label (image->config, "ostree.commit");
  g_autofree char *hex = varve_digest_to_hex (commit);
  return index > 0 || label == NULL || g_str_equal (label, hex);
}

gboolean
varve_lookup_layer (VarveRepo *repo, GHashTable *diff_ids, const VarveImage *image, guint index,
                    VarveLookup *out_lookup, GCancellable *cancellable, GError **error)
{
  VarveCachedLayer found;
  *out_lookup = (VarveLookup){ 0 };
  if (!varve_layer_cache_find (repo, &varve_manifest_layer (image->manifest, index)->digest, &found, cancellable,
                               error))
    return FALSE;
  out_lookup->commit = found.commit;
  out_lookup->broken = found.reason;
  out_lookup->has = found.state == VARVE_CACHED_WHOLE;
  const VarveDigest *other = g_hash_table_lookup (diff_ids, varve_config_diff_id (image->config, index));
  if (out_lookup->has || other == NULL)
    return TRUE;
  if (!varve_layer_cache_find (repo, other, &found, cancellable, error))
    return FALSE;
  g_free (found.reason);
  if (found.state != VARVE_CACHED_WHOLE || !is_wanted (image, index, &found.commit))
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
