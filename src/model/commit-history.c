/* SPDX-License-Identifier: Apache-2.0 */
#include "model/commit-history.h"

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
