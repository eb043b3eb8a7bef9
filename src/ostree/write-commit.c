/* SPDX-License-Identifier: Apache-2.0 */
/* A commit and its objects are never in one transaction. libostree moves the objects of a transaction into place one by
 * one: if it is killed, the commit could exist before its tree, and fsck and every prune would fail. */
#include "ostree/write-commit.h"

#include "ostree/commit.h"
#include "ostree/importer.h"

gboolean
varve_write_commit (const char *repo_path, const char *ref, const VarveCommitObject *commit, GCancellable *cancellable,
                    GError **error)
{
  const VarveDigest *checksum = &commit->checksum;
  g_autoptr (VarveCommit) parsed = varve_commit_parse (commit->raw, error);
  g_autoptr (VarveImporter) importer = parsed != NULL ? varve_importer_begin (repo_path, cancellable, error) : NULL;
  return importer != NULL
         && varve_importer_check_tree (importer, &parsed->root_dirtree, &parsed->root_dirmeta, cancellable, error)
         && varve_importer_write_metadata (importer, VARVE_METADATA_COMMIT, checksum, commit->raw, cancellable, error)
         && (commit->detached == NULL
             || varve_importer_write_metadata (importer, VARVE_METADATA_COMMITMETA, checksum, commit->detached,
                                               cancellable, error))
         && varve_importer_commit (importer, checksum, ref, cancellable, error);
}
