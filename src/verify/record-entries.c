/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/record-entries.h"

#include <string.h>

#include "emit/tar.h"

/* The path in the commit: a layer shows usr/etc at etc. */
static char *
commit_path (const char *path, gboolean has_usr_etc)
{
  gboolean is_etc = g_str_has_prefix (path, "etc") && (path[strlen ("etc")] == '/' || path[strlen ("etc")] == '\0');
  return is_etc && has_usr_etc ? g_strconcat ("usr/", path, NULL) : g_strdup (path);
}

static gboolean
is_same_directory (const VarveInventory *inventory, const VarveLayerPath *path, const char *name)
{
  guint32 index = varve_inventory_find_directory (inventory, name);
  const VarveDirectory *directory = index != VARVE_NO_INDEX ? &inventory->directories[index] : NULL;
  return directory != NULL && directory->uid == path->uid && directory->gid == path->gid
         && (directory->mode & 07777) == path->mode;
}

/* The paths of each object of the record, as in the commit. */
static GPtrArray **
paths_of_objects (const VarveLayerRecord *record, const VarveInventory *inventory)
{
  gboolean has_usr_etc = varve_inventory_find_directory (inventory, "usr/etc") != VARVE_NO_INDEX, is_known = TRUE;
  GPtrArray **paths = g_new (GPtrArray *, record->objects->len + 1);
  for (guint i = 0; i < record->objects->len; i++)
    paths[i] = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < record->paths->len; i++)
    {
      const VarveLayerPath *path = &g_array_index (record->paths, VarveLayerPath, i);
      g_autofree char *name = commit_path (path->path, has_usr_etc);
      guint32 object = GPOINTER_TO_UINT (g_hash_table_lookup (record->object_indices, &path->object));
      if (path->type == VARVE_TAR_DIRECTORY)
        is_known = is_known && is_same_directory (inventory, path, name);
      else if (object > 0)
        g_ptr_array_add (paths[object - 1], g_steal_pointer (&name));
      else
        is_known = FALSE; /* a whiteout, or an empty file apart from its object */
    }
  for (guint i = 0; i < record->objects->len && !is_known; i++)
    g_ptr_array_unref (paths[i]);
  if (!is_known)
    g_clear_pointer (&paths, g_free);
  return paths;
}

/* The object of the tree with this checksum and exactly these paths, or VARVE_NO_INDEX. */
static guint32
find_object (const VarveInventory *inventory, const VarveDigest *checksum, const GPtrArray *paths)
{
  guint32 found = VARVE_NO_INDEX;
  for (guint i = 0; i < paths->len; i++)
    {
      guint32 file = varve_inventory_find_file (inventory, paths->pdata[i]);
      guint32 object = file != VARVE_NO_INDEX ? inventory->files[file].object : VARVE_NO_INDEX;
      if (object == VARVE_NO_INDEX || (i > 0 && object != found))
        return VARVE_NO_INDEX;
      found = object;
    }
  if (found == VARVE_NO_INDEX || varve_digest_compare (&inventory->objects[found].checksum, checksum) != 0)
    return VARVE_NO_INDEX;
  return varve_inventory_count_paths (inventory, found) == paths->len ? found : VARVE_NO_INDEX;
}

VarveLayerEntries *
varve_record_entries (const VarveLayerRecord *record, const VarveInventory *inventory)
{
  GPtrArray **paths = paths_of_objects (record, inventory);
  if (paths == NULL)
    return NULL;
  VarveLayerEntries *entries = varve_layer_entries_new ();
  for (guint i = 0; i < record->objects->len; i++)
    {
      const VarveLayerObject *object = &g_array_index (record->objects, VarveLayerObject, i);
      guint32 found = find_object (inventory, &object->checksum, paths[i]);
      if (found != VARVE_NO_INDEX)
        {
          g_array_append_val (entries->objects, found);
          g_ptr_array_unref (paths[i]);
        }
      else
        g_ptr_array_add (entries->stale, varve_stale_object_new (paths[i], object->size_bytes,
                                                                 varve_stale_object_mark (&object->checksum)));
    }
  varve_layer_entries_sort (entries);
  g_free (paths);
  return entries;
}
