/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "ostree/importer.h"

/* A commit of one directory without subdirectories, as other importers write it to keep a layer or a manifest from
 * pruning: root 0:0 0755, no subject, body or parent, time 0. Source: ostree-ext, tar/import.rs,
 * finish_import_object_set(). */
typedef struct {
  GBytes *dirmeta_raw, *dirtree_raw, *commit_raw;
  VarveDigest dirmeta, dirtree, commit;
} VarveFlatCommit;

/* The commit object of a layer, of any tree: the rest as above. @metadata as below. The caller owns it. */
GBytes *varve_flat_commit_raw (const VarveDigest *dirtree, const VarveDigest *dirmeta, GVariant *metadata,
                               VarveDigest *out_checksum);

/* Its files are the @n @objects, each named by its checksum; duplicates count once. @metadata is an a{sv}, floating or
 * NULL for none. */
VarveFlatCommit *varve_flat_commit_new (const VarveDigest *objects, gsize n, GVariant *metadata);
void varve_flat_commit_free (VarveFlatCommit *commit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveFlatCommit, varve_flat_commit_free)

/* Writes its tree in the transaction that writes its objects, which saves a sync. */
gboolean varve_flat_commit_write_tree (const VarveFlatCommit *commit, VarveImporter *importer,
                                       GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes the commit, its tree where that is missing, and sets @ref to it. Its objects must be in the repository: else
 * NOT_FOUND. */
gboolean varve_flat_commit_store (const VarveFlatCommit *commit, const char *repo_path, const char *ref,
                                  GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
