/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/image-row.h"
#include "compose/build.h"

/* Commits of a repository, oldest first, built in two ways: each with the image before it as --previous, and each
 * without a previous image. */
typedef struct {
  const VarveBuildOptions *build; /* for all builds; its ref and its previous images are ignored */
  const char *const *commits;     /* refs or checksums, NULL-terminated, at least two */
  const char *work_path; /* the layouts "previous" and "afresh" are written to it and kept; NULL: a temporary folder */
} VarveCommitRowsOptions;

typedef struct {
  VarveImageRow *previous, *afresh;
} VarveCommitRows;

VarveCommitRows *varve_commit_rows_measure (const VarveCommitRowsOptions *options, VarveObserver *observer,
                                            GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_commit_rows_free (VarveCommitRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveCommitRows, varve_commit_rows_free)

json_object *varve_commit_rows_to_json (const VarveCommitRows *rows);
