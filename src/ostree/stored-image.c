/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the image that a host's commit was imported from. */
#include "ostree/stored-image.h"

#include <string.h>

#include "ostree/commit.h"
#include "ostree/repo-handle.h"

static const char PREFIX[] = "ostree/container/image";

void
varve_stored_image_free (VarveStoredImage *image)
{
  g_free (image->manifest_digest);
  g_clear_pointer (&image->manifest, g_bytes_unref);
  g_clear_pointer (&image->config, g_bytes_unref);
  g_free (image);
}

static VarveCommit *
load_commit (VarveRepo *repo, const VarveDigest *checksum, GError **error)
{
  VarveSource *source = varve_repo_source (repo);
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, checksum, error);
  return raw != NULL ? varve_commit_parse (raw, error) : NULL;
}

static GBytes *
find_bytes (const VarveCommit *commit, const char *key)
{
  const char *text = varve_commit_find_string (commit, key);
  return text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
}

static VarveStoredImage *
image_of (const VarveCommit *commit)
{
  const char *digest = varve_commit_find_string (commit, VARVE_STORED_MANIFEST_DIGEST);
  if (digest == NULL)
    return NULL;
  VarveStoredImage *image = g_new0 (VarveStoredImage, 1);
  image->manifest_digest = g_strdup (digest);
  image->manifest = find_bytes (commit, VARVE_STORED_MANIFEST);
  image->config = find_bytes (commit, VARVE_STORED_CONFIG);
  return image;
}

gboolean
varve_stored_image_load (VarveRepo *repo, const VarveDigest *checksum, VarveStoredImage **out_image, GError **error)
{
  g_autoptr (VarveCommit) commit = load_commit (repo, checksum, error);
  gboolean is_layered;
  if (commit == NULL)
    return FALSE;
  if (commit->parent == NULL || !varve_commit_find_boolean (commit, VARVE_STORED_CLIENT_LAYER, &is_layered)
      || !is_layered)
    {
      *out_image = image_of (commit);
      return TRUE;
    }
  g_autoptr (VarveCommit) parent = load_commit (repo, commit->parent, error);
  if (parent == NULL)
    return FALSE;
  *out_image = image_of (parent);
  if (*out_image != NULL)
    (*out_image)->is_client_layered = TRUE;
  return TRUE;
}

GPtrArray *
varve_stored_image_list (VarveRepo *repo, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stored_image_free);
  g_autoptr (GHashTable) refs = NULL;
  if (!ostree_repo_list_refs_ext (varve_repo_handle (repo), PREFIX, &refs, OSTREE_REPO_LIST_REFS_EXT_NONE, cancellable,
                                  error))
    return NULL;
  GHashTableIter iter;
  gpointer hex;
  for (g_hash_table_iter_init (&iter, refs); g_hash_table_iter_next (&iter, NULL, &hex);)
    {
      VarveDigest commit;
      VarveStoredImage *image = NULL;
      if (varve_digest_from_hex (hex, &commit, NULL) && varve_stored_image_load (repo, &commit, &image, NULL)
          && image != NULL)
        g_ptr_array_add (images, image);
    }
  return g_steal_pointer (&images);
}
