/* SPDX-License-Identifier: Apache-2.0 */
#include "model/commit-history.h"

#include <string.h>

static void
step_free (gpointer data)
{
  VarveHistoryStep *step = data;
  g_array_unref (step->files);
  g_array_unref (step->directories);
  g_free (step);
}

VarveCommitHistory *
varve_commit_history_new (void)
{
  VarveCommitHistory *history = g_new0 (VarveCommitHistory, 1);
  history->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  history->steps = g_ptr_array_new_with_free_func (step_free);
  return history;
}

void
varve_commit_history_free (VarveCommitHistory *history)
{
  g_array_unref (history->times);
  g_ptr_array_unref (history->steps);
  g_free (history);
}

VarveHistoryStep *
varve_commit_history_add_step (VarveCommitHistory *history)
{
  VarveHistoryStep *step = g_new0 (VarveHistoryStep, 1);
  step->files = g_array_new (FALSE, FALSE, sizeof (guint32));
  step->directories = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_ptr_array_add (history->steps, step);
  return step;
}

static int
compare_indices (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
  return (left > right) - (left < right);
}

static void
sort_unique (GArray *indices)
{
  guint n = 0;
  g_array_sort (indices, compare_indices);
  for (guint i = 0; i < indices->len; i++)
    {
      guint32 index = g_array_index (indices, guint32, i);
      if (n == 0 || g_array_index (indices, guint32, n - 1) != index)
        g_array_index (indices, guint32, n++) = index;
    }
  g_array_set_size (indices, n);
}

void
varve_history_step_settle (VarveHistoryStep *step)
{
  sort_unique (step->files);
  sort_unique (step->directories);
}

/* Maps a file of another kernel version to the folder of the inventory's kernel version. */
static char *
current_path (const VarveInventory *inventory, const char *path)
{
  static const char MODULES[] = "usr/lib/modules/";
  const char *rest = g_str_has_prefix (path, MODULES) ? strchr (path + strlen (MODULES), '/') : NULL;
  guint32 modules = varve_inventory_find_directory (inventory, "usr/lib/modules");
  if (rest == NULL || modules == VARVE_NO_INDEX || modules + 1 == inventory->directories[modules].end_directory)
    return g_strdup (path);
  g_autofree char *folder = g_strndup (path, (gsize)(rest - path));
  if (varve_inventory_find_directory (inventory, folder) != VARVE_NO_INDEX)
    return g_strdup (path);
  return g_strconcat (inventory->directories[modules + 1].path, rest, NULL);
}

void
varve_history_step_add_path (VarveHistoryStep *step, const VarveInventory *inventory, const char *path)
{
  g_autofree char *directory = current_path (inventory, path);
  guint32 file = varve_inventory_find_file (inventory, directory);
  if (file != VARVE_NO_INDEX)
    {
      g_array_append_val (step->files, file);
      return;
    }
  guint32 found;
  while ((found = varve_inventory_find_directory (inventory, directory)) == VARVE_NO_INDEX && directory[0] != '\0')
    {
      char *slash = strrchr (directory, '/');
      *(slash != NULL ? slash : directory) = '\0';
    }
  if (found != VARVE_NO_INDEX)
    g_array_append_val (step->directories, found);
}
