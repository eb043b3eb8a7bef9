#include "transport/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

enum { OPEN_FOLDERS_MAX = 16 };

struct _VarveScratch {
  char *path;
};

VarveScratch *
varve_scratch_new (GError **error)
{
  const char *folder = g_getenv ("TMPDIR");
  g_autofree char *parent = g_canonicalize_filename (folder != NULL && folder[0] != '\0' ? folder : "/var/tmp", NULL);
  g_autofree char *path = g_build_filename (parent, "varve-XXXXXX", NULL);
  if (mkdtemp (path) == NULL)
    {
      g_autofree char *escaped = varve_escape (parent);
      varve_set_errno (error, errno, "creating a temporary folder in '%s'", escaped);
      return NULL;
    }
  VarveScratch *scratch = g_new0 (VarveScratch, 1);
  scratch->path = g_steal_pointer (&path);
  return scratch;
}

static int
remove_one (const char *path, const struct stat *status, int type, struct FTW *place)
{
  remove (path); /* what cannot be removed stays, and so do the folders around it */
  return 0;
}

void
varve_scratch_free (VarveScratch *scratch)
{
  nftw (scratch->path, remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
  g_free (scratch->path);
  g_free (scratch);
}

const char *
varve_scratch_path (const VarveScratch *scratch)
{
  return scratch->path;
}
