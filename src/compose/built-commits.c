#include "compose/built-commits.h"

#include <errno.h>

#include "base/error.h"
#include "oci/layout.h"
#include "transport/open-image.h"

struct _VarveBuiltCommits {
  char *repo_path, *folder;
  guint n_built;
};

VarveBuiltCommits *
varve_built_commits_new (const char *repo_path, const char *work_path, GError **error)
{
  g_autofree char *folder = g_build_filename (work_path != NULL ? work_path : "/var/tmp", "varve-commits-XXXXXX", NULL);
  if (g_mkdtemp (folder) == NULL)
    {
      varve_set_errno (error, errno, "creating the folder '%s'", folder);
      return NULL;
    }
  VarveBuiltCommits *commits = g_new0 (VarveBuiltCommits, 1);
  commits->repo_path = g_strdup (repo_path);
  commits->folder = g_steal_pointer (&folder);
  return commits;
}

void
varve_built_commits_free (VarveBuiltCommits *commits)
{
  VarveLayout *layout = varve_layout_open (commits->folder, NULL, NULL, NULL);
  if (layout != NULL && !varve_layout_remove (layout, NULL))
    g_debug ("'%s' stays", commits->folder);
  g_free (commits->repo_path);
  g_free (commits->folder);
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
  g_autofree char *text = g_strdup_printf ("oci:%s:commit-%u", commits->folder, commits->n_built++);
  g_autoptr (VarveReference) target = varve_reference_parse (text, error);
  g_autoptr (VarveReport) report = target != NULL ? varve_build (&options, target, observer, cancellable, error) : NULL;
  return report != NULL ? varve_open_image (target, NULL, error) : NULL;
}
