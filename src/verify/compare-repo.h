/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "model/inventory.h"
#include "verify/layer-record.h"

/* Checks that the layers have exactly the objects of a commit that is elsewhere. @records are those of
 * varve_commit_objects_check().
 *
 * Errors among the findings: "repo.missing" (not in the image), "repo.extra" (not in the other commit); with a
 * repository also "commit.other" and "commit.detached-metadata". */

typedef struct {
  const char *repo_path, *ref; /* ref: a ref or a checksum */
  guint jobs;
} VarveCompareRepo;

/* Fails only where the repository cannot be read. */
gboolean varve_compare_repo (GPtrArray *records, const VarveCompareRepo *with, VarveObserver *observer,
                             VarveFindings *findings, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Compares with a tree, whose commit may differ in time and metadata. */
void varve_compare_tree (GPtrArray *records, const VarveInventory *tree, VarveFindings *findings);
