/* SPDX-License-Identifier: Apache-2.0 */
/* The commit and the ref that protect an image's layers from garbage collection. */
#include "ostree/pin.h"

#include <fcntl.h>

#include <ostree.h>

#include "base/error.h"
#include "ostree/flat-commit.h"
#include "ostree/stored-image.h"

static const char PREFIX[] = "ostree/container/baseimage/varve";
static const char REF[] = "ostree/container/baseimage/varve/0";

GVariant *
varve_pin_metadata (const VarveDigest *digest, GBytes *manifest, GError **error)
{
  gsize size_bytes;
  const char *text = g_bytes_get_data (manifest, &size_bytes);
  if (!g_utf8_validate_len (text, size_bytes, NULL)) /* rejects a zero byte too */
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the manifest is not UTF-8");
      return NULL;
    }
  g_autofree char *terminated = g_strndup (text, size_bytes), *digest_text = varve_digest_to_string (digest);
  GVariantBuilder builder;
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", VARVE_STORED_MANIFEST, g_variant_new_string (terminated));
  g_variant_builder_add (&builder, "{sv}", VARVE_STORED_MANIFEST_DIGEST, g_variant_new_string (digest_text));
  return g_variant_builder_end (&builder);
}

static gboolean
write_pin (const char *repo_path, const VarveDigest *digest, GBytes *manifest, GCancellable *cancellable,
           GError **error)
{
  GVariant *metadata = varve_pin_metadata (digest, manifest, error);
  if (metadata == NULL)
    return FALSE;
  g_autoptr (VarveFlatCommit) flat = varve_flat_commit_new (NULL, 0, metadata);
  return varve_flat_commit_store (flat, repo_path, REF, cancellable, error);
}

gboolean
varve_pin_set (const char *repo_path, const VarveDigest *digest, GBytes *manifest, GCancellable *cancellable,
               GError **error)
{
  if (write_pin (repo_path, digest, manifest, cancellable, error))
    return TRUE;
  g_prefix_error (error, "pinning the image: ");
  return FALSE;
}

static gboolean
remove_pins (OstreeRepo *repo, guint *out_n, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) refs = NULL;
  if (!ostree_repo_list_refs_ext (repo, PREFIX, &refs, OSTREE_REPO_LIST_REFS_EXT_NONE, cancellable, error))
    return FALSE;
  GHashTableIter iter;
  gpointer ref;
  for (g_hash_table_iter_init (&iter, refs); g_hash_table_iter_next (&iter, &ref, NULL);)
    if (!ostree_repo_set_ref_immediate (repo, NULL, ref, NULL, cancellable, error))
      return FALSE;
  *out_n = g_hash_table_size (refs);
  return TRUE;
}

gboolean
varve_pin_clear (const char *repo_path, guint *out_n, GCancellable *cancellable, GError **error)
{
  g_autoptr (OstreeRepo) repo = ostree_repo_open_at (AT_FDCWD, repo_path, cancellable, error);
  if (repo != NULL && remove_pins (repo, out_n, cancellable, error))
    return TRUE;
  g_autofree char *escaped = varve_escape (repo_path);
  g_prefix_error (error, "removing the pin from repository '%s': ", escaped);
  return FALSE;
}
