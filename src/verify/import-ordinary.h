/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ostree/import-archive.h"
#include "verify/layer-filter.h"

/* How the host's importer would take the ordinary layers of an image. */
typedef struct {
  VarveLayerFilterFlags flags;
  VarveSepolicy *policy; /* labels their files; NULL: none */
} VarveOrdinaryRules;

/* Writes the tree of an ordinary layer into a repository, in one transaction, which is only committed when the filter
 * (verify/layer-filter.h), size, digest and diff ID are good. Sets no ref. Ignores @layer's own func.
 *
 * Not from several threads at once, where there is a policy. */
gboolean varve_import_ordinary (const char *repo_path, const VarvePlainLayer *layer, const VarveOrdinaryRules *rules,
                                VarveImportedTree *out_tree, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
