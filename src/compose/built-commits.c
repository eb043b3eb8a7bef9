/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/built-commits.h"

#include "base/temporary-folder.h"
#include "transport/open-image.h"

struct _VarveBuiltCommits {
  char *repo_path;
  VarveTemporaryFolder *folder;
  guint n_built;
};

VarveBuiltCommits *
varve_built_commits_new (const char *repo_path, const char *work_path, GError **error)
{
  VarveTemporaryFolder *folder = varve_temporary_folder_new (work_path, error);
  if (folder == NULL)
    return NULL;
  VarveBuiltCommits *commits = g_new0 (VarveBuiltCommits, 1);
  commits->repo_path = g_strdup (repo_path);
  commits->folder = folder;
  return commits;
}

void
varve_built_commits_free (VarveBuiltCommits *commits)
{
  varve_temporary_folder_free (commits->folder);
  g_free (commits->repo_path);
  g_free (commits);
}

VarveImage *
varve_built_commits_open (VarveBuiltCommits *commits, const char *ref, guint jobs, VarveObserver *observer,
                          GCancellable *cancellable, GError **error)
{
  VarveBuildOptions options = VARVE_BUILD_OPTIONS_INIT;
  options.draft.repo_path = commits->repo_path;
  options.draft.ref = ref;
  options.draft.jobs = jobs;
  g_autofree char *name = g_strdup_printf ("commit-%u", commits->n_built++);
  g_autoptr (VarveReference) target
      = varve_reference_in_folder (varve_temporary_folder_path (commits->folder), name, error);
  g_autoptr (VarveReport) report = target != NULL ? varve_build (&options, target, observer, cancellable, error) : NULL;
  return report != NULL ? varve_open_image (target, NULL, error) : NULL;
}
