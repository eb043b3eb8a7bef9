/* SPDX-License-Identifier: Apache-2.0 */
/* When a cached layer counts as complete, and the order of writes that keeps it so. */
#include "ostree/layer-cache.h"

#include "base/error.h"
#include "ostree/commit.h"
#include "ostree/flat-commit.h"
#include "ostree/importer.h"
#include "ostree/reachable-objects.h"
#include "ostree/ref-escape.h"
#include "ostree/repo-handle.h"

static const char PREFIX[] = "ostree/container/blob/";

static char *
ref_of (const VarveDigest *blob)
{
  g_autofree char *digest = varve_digest_to_string (blob), *escaped = varve_ref_escape (digest);
  return g_strconcat (PREFIX, escaped, NULL);
}

/* A missing or damaged object makes the layer BROKEN; any other error is our caller's. */
static gboolean
is_about_objects (const GError *failure)
{
  return failure->domain == VARVE_ERROR
         && (failure->code == VARVE_ERROR_NOT_FOUND || failure->code == VARVE_ERROR_CORRUPT);
}

static VarveCommit *
load_commit (VarveRepo *repo, const VarveDigest *checksum, GError **error)
{
  VarveSource *source = varve_repo_source (repo);
  g_autoptr (GBytes) raw = source->load_metadata (source, VARVE_METADATA_COMMIT, checksum, error);
  return raw != NULL ? varve_commit_parse (raw, error) : NULL;
}

static gboolean
check_commit (VarveRepo *repo, const VarveDigest *checksum, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveCommit) commit = load_commit (repo, checksum, error);
  return commit != NULL
         && varve_reachable_objects_check (varve_repo_handle (repo), &commit->root_dirtree, &commit->root_dirmeta,
                                           cancellable, error);
}

gboolean
varve_layer_cache_find (VarveRepo *repo, const VarveDigest *blob, VarveCachedLayer *out_layer,
                        GCancellable *cancellable, GError **error)
{
  g_autofree char *ref = ref_of (blob), *hex = NULL;
  if (!ostree_repo_resolve_rev (varve_repo_handle (repo), ref, TRUE, &hex, error))
    return FALSE;
  VarveCachedLayer layer = { .state = VARVE_CACHED_ABSENT };
  g_autoptr (GError) failure = NULL;
  if (hex != NULL && !varve_digest_from_hex (hex, &layer.commit, error))
    return FALSE;
  if (hex != NULL && check_commit (repo, &layer.commit, cancellable, &failure))
    layer.state = VARVE_CACHED_WHOLE;
  if (failure != NULL && !is_about_objects (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (failure != NULL)
    {
      layer.state = VARVE_CACHED_BROKEN;
      layer.reason = g_strdup (failure->message);
    }
  *out_layer = layer;
  return TRUE;
}

gboolean
varve_layer_cache_link (const char *repo_path, const VarveDigest *blob, const VarveDigest *commit,
                        GCancellable *cancellable, GError **error)
{
  g_autofree char *ref = ref_of (blob);
  g_autoptr (VarveRepo) repo = varve_repo_open (repo_path, cancellable, error);
  VarveSource *source = repo != NULL ? varve_repo_source (repo) : NULL;
  g_autoptr (GBytes) raw = source != NULL ? source->load_metadata (source, VARVE_METADATA_COMMIT, commit, error) : NULL;
  VarveCommitObject object = { .checksum = *commit, .raw = raw };
  return raw != NULL && varve_write_commit (repo_path, ref, &object, cancellable, error);
}

gboolean
varve_layer_cache_write_tree (VarveImporter *importer, const VarveDigest *objects, gsize n, GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (VarveFlatCommit) flat = varve_flat_commit_new (objects, n, NULL);
  return varve_flat_commit_write_tree (flat, importer, cancellable, error);
}

gboolean
varve_layer_cache_add_content (const char *repo_path, const VarveDigest *blob, const VarveDigest *objects, gsize n,
                               GCancellable *cancellable, GError **error)
{
  g_autofree char *ref = ref_of (blob);
  g_autoptr (VarveFlatCommit) flat = varve_flat_commit_new (objects, n, NULL);
  return varve_flat_commit_store (flat, repo_path, ref, cancellable, error);
}

gboolean
varve_layer_cache_add_tree (const char *repo_path, const VarveDigest *blob, const VarveImportedTree *tree,
                            GCancellable *cancellable, GError **error)
{
  g_autofree char *ref = ref_of (blob);
  VarveCommitObject commit = { 0 };
  g_autoptr (GBytes) raw = varve_flat_commit_raw (&tree->dirtree, &tree->dirmeta, NULL, &commit.checksum);
  commit.raw = raw;
  return varve_write_commit (repo_path, ref, &commit, cancellable, error);
}

static gboolean
write_metadata_table (VarveImporter *importer, VarveMetadataKind kind, GHashTable *table, GCancellable *cancellable,
                      GError **error)
{
  GHashTableIter iter;
  gpointer checksum, raw;
  for (g_hash_table_iter_init (&iter, table); g_hash_table_iter_next (&iter, &checksum, &raw);)
    if (!varve_importer_write_metadata (importer, kind, checksum, raw, cancellable, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_base_tree (const char *repo_path, const VarveBaseCommit *base, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveImporter) importer = varve_importer_begin (repo_path, cancellable, error);
  return importer != NULL && write_metadata_table (importer, VARVE_METADATA_DIRMETA, base->dirmetas, cancellable, error)
         && write_metadata_table (importer, VARVE_METADATA_DIRTREE, base->dirtrees, cancellable, error)
         && varve_importer_commit (importer, NULL, NULL, cancellable, error);
}

gboolean
varve_layer_cache_add_base (const char *repo_path, const VarveDigest *blob, const VarveBaseCommit *base,
                            GCancellable *cancellable, GError **error)
{
  g_autofree char *ref = ref_of (blob);
  return write_base_tree (repo_path, base, cancellable, error)
         && varve_write_commit (repo_path, ref, &base->commit, cancellable, error);
}
