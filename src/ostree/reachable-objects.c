/* SPDX-License-Identifier: Apache-2.0 */
/* Each object is checked once, however often it occurs in the tree: a system has ten times as many names as distinct
 * directories. */
#include "ostree/reachable-objects.h"

#include "base/error.h"
#include "base/limits.h"
#include "ostree/dirmeta.h"
#include "ostree/dirtree.h"

typedef struct {
  OstreeRepo *repo;
  GHashTable *seen_trees, *seen_metas, *seen_files; /* sets of VarveDigest, owned */
  GCancellable *cancellable;
} Check;

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
}

/* FALSE if @seen has it already. */
static gboolean
is_new (GHashTable *seen, const VarveDigest *checksum)
{
  return !g_hash_table_contains (seen, checksum) && g_hash_table_add (seen, g_memdup2 (checksum, sizeof *checksum));
}

static gboolean
object_missing (const char *hex, OstreeObjectType type, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "object %s.%s: not in the repository", hex,
               ostree_object_type_to_string (type));
  return FALSE;
}

static GBytes *
load_metadata (Check *check, OstreeObjectType type, const VarveDigest *checksum, GError **error)
{
  g_autofree char *hex = varve_digest_to_hex (checksum);
  g_autoptr (GVariant) variant = NULL;
  if (!ostree_repo_load_variant_if_exists (check->repo, type, hex, &variant, error))
    return NULL;
  if (variant == NULL)
    {
      object_missing (hex, type, error);
      return NULL;
    }
  g_autoptr (GBytes) raw = g_variant_get_data_as_bytes (variant);
  VarveDigest actual = varve_digest_of (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  if (varve_digest_compare (&actual, checksum) == 0)
    return g_steal_pointer (&raw);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "object %s.%s: damaged", hex,
               ostree_object_type_to_string (type));
  return NULL;
}

static gboolean
check_file (Check *check, const VarveDigest *checksum, GError **error)
{
  if (!is_new (check->seen_files, checksum))
    return TRUE;
  g_autofree char *hex = varve_digest_to_hex (checksum);
  gboolean has;
  return ostree_repo_has_object (check->repo, OSTREE_OBJECT_TYPE_FILE, hex, &has, check->cancellable, error)
         && (has || object_missing (hex, OSTREE_OBJECT_TYPE_FILE, error));
}

static gboolean
check_dirmeta (Check *check, const VarveDigest *checksum, GError **error)
{
  if (!is_new (check->seen_metas, checksum))
    return TRUE;
  g_autoptr (GBytes) raw = load_metadata (check, OSTREE_OBJECT_TYPE_DIR_META, checksum, error);
  g_autoptr (VarveDirmeta) dirmeta = raw != NULL ? varve_dirmeta_parse (raw, error) : NULL;
  return dirmeta != NULL;
}

static gboolean
check_dirtree (Check *check, const VarveDigest *checksum, guint depth, GError **error)
{
  if (!is_new (check->seen_trees, checksum))
    return TRUE;
  if (depth > VARVE_TREE_DEPTH_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the tree is deeper than the limit of %u",
                   VARVE_TREE_DEPTH_MAX);
      return FALSE;
    }
  g_autoptr (GBytes) raw = load_metadata (check, OSTREE_OBJECT_TYPE_DIR_TREE, checksum, error);
  g_autoptr (VarveDirtree) tree = raw != NULL ? varve_dirtree_parse (raw, error) : NULL;
  if (tree == NULL || g_cancellable_set_error_if_cancelled (check->cancellable, error))
    return FALSE;
  for (guint i = 0; i < tree->n_files; i++)
    if (!check_file (check, &tree->files[i].checksum, error))
      return FALSE;
  for (guint i = 0; i < tree->n_directories; i++)
    if (!check_dirmeta (check, &tree->directories[i].dirmeta, error)
        || !check_dirtree (check, &tree->directories[i].dirtree, depth + 1, error))
      return FALSE;
  return TRUE;
}

gboolean
varve_reachable_objects_check (OstreeRepo *repo, const VarveDigest *dirtree, const VarveDigest *dirmeta,
                               GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) trees = new_set (), metas = new_set (), files = new_set ();
  Check check
      = { .repo = repo, .seen_trees = trees, .seen_metas = metas, .seen_files = files, .cancellable = cancellable };
  return check_dirmeta (&check, dirmeta, error) && check_dirtree (&check, dirtree, 0, error);
}
