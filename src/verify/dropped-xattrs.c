/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/dropped-xattrs.h"

#include <string.h>

#include "model/xattrs.h"

gboolean
varve_dropped_xattrs_has (const char *name)
{
  static const char *const FINE[]
      = { "security.capability", "security.selinux", "user.component", "user.update-interval", NULL };
  return !g_strv_contains (FINE, name) && !g_str_has_prefix (name, "trusted.");
}

static void
dropped_free (gpointer data)
{
  VarveDroppedXattr *dropped = data;
  g_free (dropped->name);
  g_free (dropped);
}

typedef struct {
  GPtrArray *found;
  GHashTable *by_name; /* name -> VarveDroppedXattr */
} Search;

static void
note (Search *search, const char *name, const char *path)
{
  VarveDroppedXattr *dropped = g_hash_table_lookup (search->by_name, name);
  if (dropped == NULL)
    {
      dropped = g_new0 (VarveDroppedXattr, 1);
      dropped->name = g_strdup (name);
      dropped->path = path;
      g_ptr_array_add (search->found, dropped);
      g_hash_table_insert (search->by_name, dropped->name, dropped);
    }
  dropped->n_paths++;
}

static void
note_all (Search *search, GBytes *serialized, const char *path)
{
  g_autoptr (VarveXattrs) xattrs = g_bytes_get_size (serialized) > 0 ? varve_xattrs_parse (serialized, NULL) : NULL;
  for (guint i = 0; xattrs != NULL && i < xattrs->n; i++)
    if (varve_xattr_is_portable (xattrs->list[i].name) && varve_dropped_xattrs_has (xattrs->list[i].name))
      note (search, xattrs->list[i].name, path);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(VarveDroppedXattr *const *)a)->name, (*(VarveDroppedXattr *const *)b)->name);
}

GPtrArray *
varve_dropped_xattrs_find (const VarveInventory *inventory)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  Search search = { g_ptr_array_new_with_free_func (dropped_free), by_name };
  for (guint32 i = 0; i < inventory->n_directories; i++)
    note_all (&search, inventory->directories[i].xattrs, inventory->directories[i].path);
  for (guint32 i = 0; i < inventory->n_files; i++)
    note_all (&search, inventory->objects[inventory->files[i].object].xattrs, inventory->files[i].path);
  g_ptr_array_sort (search.found, compare_names);
  return search.found;
}
