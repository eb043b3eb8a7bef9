/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "compose/build.h"
#include "oci/image.h"

/* Temporary images of commits, built as `varve build` without options does, in a folder that is removed with them. */
typedef struct _VarveBuiltCommits VarveBuiltCommits;

/* @work_path: the folder for the temporary one; NULL: $TMPDIR, else /var/tmp. */
VarveBuiltCommits *varve_built_commits_new (const char *repo_path, const char *work_path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Removes the folder. */
void varve_built_commits_free (VarveBuiltCommits *commits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveBuiltCommits, varve_built_commits_free)

/* Must be freed before @commits. */
VarveImage *varve_built_commits_open (VarveBuiltCommits *commits, const char *ref, guint jobs, VarveObserver *observer,
                                      GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
