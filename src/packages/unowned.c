/* SPDX-License-Identifier: Apache-2.0 */
/* Names depend on nothing else in the tree: otherwise a change elsewhere would move files between layers. */
#include "packages/unowned.h"

#include <string.h>

#include "packages/component-name.h"

/* Directories in which the name has a third component, because two are too coarse. */
static const char *const DEEP[]
    = { "usr/share", "usr/lib", "usr/lib64", "usr/libexec", "usr/etc", "usr/local", "var/lib", "var/cache" };

static guint
depth_of (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (DEEP); i++)
    {
      gsize length = strlen (DEEP[i]);
      if (strncmp (path, DEEP[i], length) == 0 && path[length] == '/')
        return 3;
    }
  return 2;
}

/* The first depth_of() components of the file's folder. */
static char *
folder_of (const char *path)
{
  const char *end = path;
  guint depth = depth_of (path);
  for (guint i = 0; i < depth; i++)
    {
      const char *slash = strchr (end == path ? end : end + 1, '/');
      if (slash == NULL)
        break;
      end = slash;
    }
  return g_strndup (path, (gsize)(end - path));
}

static char *
name_of (const VarveInventory *inventory, const VarveFile *file)
{
  const VarveObject *object = &inventory->objects[file->object];
  if (object->size_bytes >= VARVE_UNOWNED_LARGE_BYTES)
    return varve_component_name_from_path ("unowned:/", inventory->files[object->first_file].path);
  g_autofree char *folder = folder_of (file->path);
  return varve_component_name_from_path ("unowned:/", folder);
}

void
varve_unowned_claim (const VarveInventory *inventory, VarveClaims *claims)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      if (!varve_claims_is_free (claims, i))
        continue;
      g_autofree char *name = name_of (inventory, &inventory->files[i]);
      varve_claims_assign (claims, varve_claims_component (claims, name, VARVE_COMPONENT_UNOWNED), i);
    }
}
