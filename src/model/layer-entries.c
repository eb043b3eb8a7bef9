/* SPDX-License-Identifier: Apache-2.0 */
#include "model/layer-entries.h"

#include <string.h>

guint32
varve_stale_object_mark (const VarveDigest *checksum)
{
  guint32 mark;
  memcpy (&mark, checksum->bytes, sizeof mark);
  return GUINT32_FROM_BE (mark);
}

VarveStaleObject *
varve_stale_object_new (GPtrArray *paths, guint64 size_bytes, guint32 mark)
{
  VarveStaleObject *stale = g_new0 (VarveStaleObject, 1);
  g_ptr_array_set_free_func (paths, NULL);
  g_ptr_array_add (paths, NULL);
  stale->paths = (char **)g_ptr_array_free (paths, FALSE);
  stale->size_bytes = size_bytes;
  stale->mark = mark;
  stale->since = VARVE_STALE_SINCE_UNKNOWN;
  return stale;
}

VarveStaleObject *
varve_stale_object_of (const VarveInventory *inventory, guint32 index)
{
  const VarveObject *object = &inventory->objects[index];
  GPtrArray *paths = g_ptr_array_new ();
  for (guint32 i = object->first_file; i != VARVE_NO_INDEX; i = inventory->files[i].next_file)
    g_ptr_array_add (paths, g_strdup (inventory->files[i].path));
  return varve_stale_object_new (paths, object->size_bytes, varve_stale_object_mark (&object->checksum));
}

VarveStaleObject *
varve_stale_object_copy (const VarveStaleObject *stale)
{
  VarveStaleObject *copy = g_memdup2 (stale, sizeof *stale);
  copy->paths = g_strdupv (stale->paths);
  return copy;
}

gint64
varve_stale_objects_since (const GPtrArray *stale)
{
  gint64 since = VARVE_STALE_SINCE_UNKNOWN;
  for (guint i = 0; stale != NULL && i < stale->len; i++)
    since = MIN (since, ((VarveStaleObject *)stale->pdata[i])->since);
  return since;
}

void
varve_stale_object_free (VarveStaleObject *stale)
{
  g_strfreev (stale->paths);
  g_free (stale);
}

VarveLayerEntries *
varve_layer_entries_new (void)
{
  VarveLayerEntries *entries = g_new0 (VarveLayerEntries, 1);
  entries->objects = g_array_new (FALSE, FALSE, sizeof (guint32));
  entries->stale = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free);
  return entries;
}

static int
compare_indices (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
  return (left > right) - (left < right);
}

void
varve_layer_entries_sort (VarveLayerEntries *entries)
{
  g_array_sort (entries->objects, compare_indices);
}

void
varve_layer_entries_free (VarveLayerEntries *entries)
{
  g_array_unref (entries->objects);
  g_ptr_array_unref (entries->stale);
  g_free (entries);
}
