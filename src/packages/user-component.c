/* SPDX-License-Identifier: Apache-2.0 */
/* Equal sets of attributes are one GBytes, so each set is parsed once for all files that have it. */
#include "packages/user-component.h"

#include <string.h>

#include "base/error.h"
#include "model/xattrs.h"
#include "packages/component-name.h"

static const char ATTRIBUTE[] = "user.component";

static gboolean
name_of_value (const VarveXattr *xattr, char **out_name, GError **error)
{
  gsize size_bytes = xattr->size_bytes;
  if (size_bytes > 0 && xattr->value[size_bytes - 1] == '\0')
    size_bytes--;
  *out_name = NULL;
  if (size_bytes == 0)
    return TRUE;
  g_autofree char *name = g_strndup ((const char *)xattr->value, size_bytes);
  if (strlen (name) != size_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s: contains a NUL", ATTRIBUTE);
      return FALSE;
    }
  if (!varve_component_name_check (name, error))
    {
      g_prefix_error (error, "%s: ", ATTRIBUTE);
      return FALSE;
    }
  *out_name = g_steal_pointer (&name);
  return TRUE;
}

gboolean
varve_user_component_parse (GBytes *xattrs, char **out_name, GError **error)
{
  g_autoptr (VarveXattrs) parsed = varve_xattrs_parse (xattrs, error);
  if (parsed == NULL)
    return FALSE;
  for (guint i = 0; i < parsed->n; i++)
    if (strcmp (parsed->list[i].name, ATTRIBUTE) == 0)
      return name_of_value (&parsed->list[i], out_name, error);
  *out_name = NULL;
  return TRUE;
}

typedef struct {
  VarveClaims *claims;
  GHashTable *known; /* GBytes, by address -> component + 1; 0 for none */
} Reading;

/* The component that @xattrs name, or @inherited. */
static gboolean
component_of (Reading *reading, GBytes *xattrs, guint32 inherited, const char *path, guint32 *out_component,
              GError **error)
{
  if (xattrs == NULL || g_bytes_get_size (xattrs) == 0)
    {
      *out_component = inherited;
      return TRUE;
    }
  gpointer known;
  if (!g_hash_table_lookup_extended (reading->known, xattrs, NULL, &known))
    {
      g_autofree char *name = NULL;
      if (!varve_user_component_parse (xattrs, &name, error))
        {
          g_autofree char *escaped = varve_escape (path);
          g_prefix_error (error, "'/%s': ", escaped);
          return FALSE;
        }
      guint32 component
          = name != NULL ? varve_claims_component (reading->claims, name, VARVE_COMPONENT_EXCLUSIVE) : VARVE_NO_INDEX;
      known = GUINT_TO_POINTER (component + 1);
      g_hash_table_insert (reading->known, xattrs, known);
    }
  *out_component = known != NULL ? GPOINTER_TO_UINT (known) - 1 : inherited;
  return TRUE;
}

static gboolean
claim_files (Reading *reading, const VarveInventory *inventory, const guint32 *of_directory, GError **error)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      const VarveFile *file = &inventory->files[i];
      guint32 component;
      if (!component_of (reading, inventory->objects[file->object].xattrs, of_directory[file->directory], file->path,
                         &component, error))
        return FALSE;
      if (component != VARVE_NO_INDEX)
        varve_claims_assign (reading->claims, component, i);
    }
  return TRUE;
}

gboolean
varve_user_component_claim (const VarveInventory *inventory, VarveClaims *claims, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  Reading reading = { .claims = claims, .known = known };
  g_autofree guint32 *of_directory = g_new (guint32, inventory->n_directories);
  for (guint32 i = 0; i < inventory->n_directories; i++)
    {
      const VarveDirectory *directory = &inventory->directories[i];
      guint32 inherited = directory->parent != VARVE_NO_INDEX ? of_directory[directory->parent] : VARVE_NO_INDEX;
      if (!component_of (&reading, directory->xattrs, inherited, directory->path, &of_directory[i], error))
        return FALSE;
    }
  return claim_files (&reading, inventory, of_directory, error);
}
