/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ostree/importer.h"
#include "ostree/sepolicy.h"

/* Writes a tar as a tree by libostree's own reader, as the importer of bootc and rpm-ostree does for layers that are
 * not of an OSTree commit (ostree-ext, tar/write.rs, write_tar(): "ostree commit --tree=tar"). */

typedef struct {
  VarveDigest dirtree, dirmeta; /* of the root */
} VarveImportedTree;

/* Reads the tar from @fd, in @importer's transaction. Missing parent folders get the owner of what is in them.
 * @policy labels all files; NULL: none. */
gboolean varve_import_archive (VarveImporter *importer, int fd, VarveSepolicy *policy, VarveImportedTree *out_tree,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether this version of libostree lets images have files in /var; that importer moves them away before 2024.3. */
gboolean varve_import_keeps_var (void);
