/* SPDX-License-Identifier: Apache-2.0 */
/* The threads take the next index from a counter, so that a large item does not delay the others. */
#include "base/parallel.h"

#include "base/error.h"

typedef struct {
  VarveParallelFunc func;
  gpointer data;
  gsize n_items;
  GCancellable *cancellable;
  GMutex mutex;
  gsize next;
  gsize failed_index;
  GError *failure;
} Work;

static gboolean
work_take (Work *work, gsize *out_index)
{
  g_mutex_lock (&work->mutex);
  gboolean any = work->failure == NULL && work->next < work->n_items;
  if (any)
    *out_index = work->next++;
  g_mutex_unlock (&work->mutex);
  return any;
}

/* Takes @failure; a callback that sets none has failed all the same. */
static void
work_fail (Work *work, gsize index, GError *failure)
{
  if (failure == NULL)
    g_set_error (&failure, VARVE_ERROR, VARVE_ERROR_IO, "item %" G_GSIZE_FORMAT " failed without a reason", index);
  g_mutex_lock (&work->mutex);
  if (work->failure == NULL || index < work->failed_index)
    {
      g_clear_error (&work->failure);
      work->failure = g_steal_pointer (&failure);
      work->failed_index = index;
    }
  g_mutex_unlock (&work->mutex);
  g_clear_error (&failure);
}

static gpointer
worker (gpointer data)
{
  Work *work = data;
  gsize index;
  while (work_take (work, &index))
    {
      GError *failure = NULL;
      if (g_cancellable_set_error_if_cancelled (work->cancellable, &failure)
          || !work->func (index, work->data, work->cancellable, &failure))
        work_fail (work, index, failure);
    }
  return NULL;
}

gboolean
varve_parallel_for (guint jobs, gsize n_items, VarveParallelFunc func, gpointer data, GCancellable *cancellable,
                    GError **error)
{
  Work work = { .func = func, .data = data, .n_items = n_items, .cancellable = cancellable };
  g_mutex_init (&work.mutex);
  guint n_threads = (guint)CLAMP (n_items, 1, MAX (jobs, 1)) - 1; /* this thread works too */
  g_autofree GThread **threads = g_new0 (GThread *, n_threads + 1);
  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_try_new ("varve-worker", worker, &work, NULL); /* without it the others do its work */
  worker (&work);
  for (guint i = 0; i < n_threads; i++)
    if (threads[i] != NULL)
      g_thread_join (threads[i]);
  g_mutex_clear (&work.mutex);
  if (work.failure == NULL)
    return TRUE;
  g_propagate_error (error, work.failure);
  return FALSE;
}
