#include "bench/work-folder.h"

#include <errno.h>

#include "base/error.h"
#include "base/tempfile.h"
#include "base/temporary-folder.h"

char *
varve_work_folder_new (const char *parent, GError **error)
{
  g_autofree char *folder
      = g_build_filename (parent != NULL ? parent : varve_temporary_parent (), "varve-bench-XXXXXX", NULL);
  if (g_mkdtemp (folder) != NULL)
    return g_steal_pointer (&folder);
  int saved_errno = errno;
  varve_set_errno (error, saved_errno, "creating a folder '%s'", folder);
  return NULL;
}

gboolean
varve_work_folder_remove (const char *path, GError **error)
{
  const char *argv[] = { "rm", "-rf", "--", path, NULL };
  int status;
  return g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, error)
         && g_spawn_check_wait_status (status, error);
}
