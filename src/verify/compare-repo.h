/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "verify/layer-record.h"

/* Checks that the layers have exactly the objects of a repository's commit. @records are those of
 * varve_commit_objects_check(). Fails only where the repository cannot be read.
 *
 * Errors among the findings: "commit.other", "repo.missing" (not in the image), "repo.extra" (not in the repository's
 * commit), "commit.detached-metadata". */
typedef struct {
  const char *repo_path, *ref; /* ref: a ref or a checksum */
  guint jobs;
} VarveCompareRepo;

gboolean varve_compare_repo (GPtrArray *records, const VarveCompareRepo *with, VarveObserver *observer,
                             VarveFindings *findings, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
