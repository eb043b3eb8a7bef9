/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/inventory.h"
#include "model/layer-entries.h"

/* "usr/a -usr/b,usr/c=5 ": the first path of each object, then the paths and size of each stale one; "unknown" for
 * NULL. Objects must be in order. */
static inline char *
entries_text (const VarveLayerEntries *entries, const VarveInventory *inventory)
{
  if (entries == NULL)
    return g_strdup ("unknown");
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint32 i = 0; i < entries->objects->len; i++)
    {
      guint32 object = g_array_index (entries->objects, guint32, i);
      g_assert_true (i == 0 || object > g_array_index (entries->objects, guint32, i - 1));
      g_string_append_printf (text, "%s ", inventory->files[inventory->objects[object].first_file].path);
    }
  for (guint32 i = 0; i < entries->stale->len; i++)
    {
      const VarveStaleObject *stale = entries->stale->pdata[i];
      g_autofree char *paths = g_strjoinv (",", stale->paths);
      g_string_append_printf (text, "-%s=%u ", paths, (guint)stale->size_bytes);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
