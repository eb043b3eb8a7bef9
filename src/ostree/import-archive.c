/* SPDX-License-Identifier: Apache-2.0 */
#include "ostree/import-archive.h"

#include "base/error.h"
#include "ostree/importer-handle.h"
#include "ostree/sepolicy-handle.h"

static OstreeRepoCommitModifier *
modifier_new (VarveSepolicy *policy)
{
  if (policy == NULL)
    return NULL;
  OstreeRepoCommitModifier *modifier
      = ostree_repo_commit_modifier_new (OSTREE_REPO_COMMIT_MODIFIER_FLAGS_NONE, NULL, NULL, NULL);
  ostree_repo_commit_modifier_set_sepolicy (modifier, varve_sepolicy_handle (policy));
  return modifier;
}

static gboolean
write_archive (OstreeRepo *repo, int fd, VarveSepolicy *policy, OstreeRepoFile **out_root, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (OstreeMutableTree) tree = ostree_mutable_tree_new ();
  g_autoptr (OstreeRepoCommitModifier) modifier = modifier_new (policy);
  g_autoptr (GFile) root = NULL;
  if (!ostree_repo_write_archive_to_mtree_from_fd (repo, fd, tree, modifier, TRUE, cancellable, error)
      || !ostree_repo_write_mtree (repo, tree, &root, cancellable, error))
    return FALSE;
  *out_root = OSTREE_REPO_FILE (g_steal_pointer (&root));
  return TRUE;
}

gboolean
varve_import_archive (VarveImporter *importer, int fd, VarveSepolicy *policy, VarveImportedTree *out_tree,
                      GCancellable *cancellable, GError **error)
{
  g_autoptr (OstreeRepoFile) root = NULL;
  return write_archive (varve_importer_handle (importer), fd, policy, &root, cancellable, error)
         && varve_digest_from_hex (ostree_repo_file_tree_get_contents_checksum (root), &out_tree->dirtree, error)
         && varve_digest_from_hex (ostree_repo_file_tree_get_metadata_checksum (root), &out_tree->dirmeta, error);
}

gboolean
varve_import_keeps_var (void)
{
  return ostree_check_version (2024, 3);
}
