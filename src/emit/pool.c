/* SPDX-License-Identifier: Apache-2.0 */
/* A layer takes one core, unless it is so large that it would outlast the rest: then it takes as many cores as its
 * share of the work. Cores are assigned in order of size, so a smaller layer does not overtake one that waits for
 * several. One more thread syncs and publishes blobs. Where the system allows no more threads, the calling one does all
 * of it. */
#include "emit/pool.h"

#include "base/error.h"
#include "emit/ostree-tar.h"
#include "emit/plain-tar.h"
#include "emit/readahead.h"
#include "emit/whiteout-tar.h"

typedef struct {
  const VarvePool *pool;
  GCancellable *cancellable;
  GMutex mutex;
  GCond freed;
  guint free_cores;
  GPtrArray *arenas; /* unused ones */
  GArray *jobs;      /* Job, the largest first */
  guint next;
  GAsyncQueue *finished; /* Job, for the publisher; NULL where there is none */
  GError *failure;
} Run;

typedef struct {
  Run *run;
  VarvePoolLayer *layer;
  guint64 raw_bytes;
  guint cores;
  VarveTempfile *file; /* not yet published */
} Job;

static gboolean
count_bytes (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  *(guint64 *)data += size_bytes;
  return TRUE;
}

static gboolean
write_first (const VarvePool *pool, const VarveOstreeTar *tar, VarveSink *sink, GError **error)
{
  return pool->format == VARVE_FORMAT_PLAIN ? varve_plain_tar_write_folders (tar, sink, error)
                                            : varve_ostree_tar_write_commit (tar, sink, error);
}

guint64
varve_pool_layer_bytes (VarveFormat format, const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  return format == VARVE_FORMAT_PLAIN ? varve_plain_tar_files_bytes (inventory, objects, n_objects)
                                      : varve_ostree_tar_component_bytes (inventory, objects, n_objects);
}

static gboolean
measure (const VarvePool *pool, const VarvePoolLayer *layer, GCancellable *cancellable, guint64 *out_bytes,
         GError **error)
{
  *out_bytes = 0;
  if (layer->whiteouts != NULL)
    {
      *out_bytes = varve_whiteout_tar_bytes (layer->whiteouts);
      return TRUE;
    }
  if (layer->objects != NULL)
    {
      *out_bytes = varve_pool_layer_bytes (pool->format, pool->inventory, layer->objects, layer->n_objects);
      return TRUE;
    }
  VarveSink counter = { .write = count_bytes, .data = out_bytes };
  VarveOstreeTar tar = { .inventory = pool->inventory, .source = pool->source, .cancellable = cancellable };
  return write_first (pool, &tar, &counter, error);
}

static void
move_readahead (gpointer readahead, guint32 position)
{
  varve_readahead_move (readahead, position);
}

static gboolean
write_tar (Job *job, VarveSink *sink, GError **error)
{
  const VarvePool *pool = job->run->pool;
  const VarvePoolLayer *layer = job->layer;
  VarveOstreeTar tar = { .inventory = pool->inventory, .source = pool->source, .cancellable = job->run->cancellable };
  if (layer->whiteouts != NULL)
    return varve_whiteout_tar_write (layer->whiteouts, sink, error);
  if (layer->objects == NULL)
    return write_first (pool, &tar, sink, error);
  g_autoptr (VarveReadahead) readahead
      = varve_readahead_new (pool->inventory, pool->source, layer->objects, layer->n_objects);
  tar.at_object = move_readahead;
  tar.at_object_data = readahead;
  if (pool->format == VARVE_FORMAT_PLAIN)
    return varve_plain_tar_write_files (&tar, layer->objects, layer->n_objects, sink, error);
  return varve_ostree_tar_write_component (&tar, layer->objects, layer->n_objects, sink, error);
}

static VarveArena *
take_arena (Run *run)
{
  g_mutex_lock (&run->mutex);
  VarveArena *arena = run->arenas->len > 0 ? g_ptr_array_steal_index_fast (run->arenas, run->arenas->len - 1) : NULL;
  g_mutex_unlock (&run->mutex);
  return arena != NULL ? arena : varve_arena_new ();
}

static void
give_arena (Run *run, VarveArena *arena)
{
  g_mutex_lock (&run->mutex);
  g_ptr_array_add (run->arenas, arena);
  g_mutex_unlock (&run->mutex);
}

static gboolean
write_layer (Job *job, VarveArena *arena, GError **error)
{
  const VarvePool *pool = job->run->pool;
  VarveCompressOptions compress = pool->compress;
  compress.workers = job->cores;
  compress.arena = arena;
  g_autoptr (VarveLayerWriter) writer
      = varve_layer_writer_new (&compress, job->raw_bytes, pool->blobs_fd, pool->observer, error);
  return writer != NULL && write_tar (job, varve_layer_writer_sink (writer), error)
         && varve_layer_writer_finish (writer, &job->layer->result, &job->file, error);
}

/* Takes @failure, NULL where the callee gave no reason. Keeps the first one and then cancels the other layers, so that
 * the user sees the cause. */
static void
run_fail (Run *run, GError *failure)
{
  if (failure == NULL)
    g_set_error_literal (&failure, VARVE_ERROR, VARVE_ERROR_IO, "writing a layer failed without a reason");
  g_mutex_lock (&run->mutex);
  if (run->failure == NULL)
    run->failure = g_steal_pointer (&failure);
  g_cond_broadcast (&run->freed);
  g_mutex_unlock (&run->mutex);
  g_clear_error (&failure);
  g_cancellable_cancel (run->cancellable);
}

static void
publish_job (Run *run, Job *job)
{
  GError *failure = NULL;
  if (!run->pool->publish (run->pool->publish_data, job->file, &job->layer->result, &failure))
    run_fail (run, failure);
  g_clear_pointer (&job->file, varve_tempfile_free);
}

/* On a separate thread, so that no core waits for the disk. An entry that is @run itself is the end. */
static gpointer
publish_finished (gpointer data)
{
  Run *run = data;
  for (gpointer entry = g_async_queue_pop (run->finished); entry != run; entry = g_async_queue_pop (run->finished))
    publish_job (run, entry);
  return NULL;
}

static void
run_job (Run *run, Job *job)
{
  GError *failure = NULL;
  VarveArena *arena = take_arena (run);
  if (!write_layer (job, arena, &failure))
    run_fail (run, failure);
  else if (job->file != NULL && run->finished != NULL)
    g_async_queue_push (run->finished, job);
  else if (job->file != NULL)
    publish_job (run, job);
  give_arena (run, arena);
  g_mutex_lock (&run->mutex);
  run->free_cores += job->cores;
  g_cond_broadcast (&run->freed);
  g_mutex_unlock (&run->mutex);
}

/* The next job, once its cores are free; NULL after the last one and after a failure. */
static Job *
take_job (Run *run)
{
  Job *job = NULL;
  g_mutex_lock (&run->mutex);
  while (run->failure == NULL && run->next < run->jobs->len
         && run->free_cores < g_array_index (run->jobs, Job, run->next).cores)
    g_cond_wait (&run->freed, &run->mutex);
  if (run->failure == NULL && run->next < run->jobs->len)
    {
      job = &g_array_index (run->jobs, Job, run->next++);
      run->free_cores -= job->cores;
    }
  g_mutex_unlock (&run->mutex);
  return job;
}

static gpointer
run_jobs (gpointer data)
{
  Run *run = data;
  for (Job *job = take_job (run); job != NULL; job = take_job (run))
    run_job (run, job);
  return NULL;
}

static int
compare_jobs (gconstpointer a, gconstpointer b)
{
  const Job *left = a, *right = b;
  if (left->raw_bytes != right->raw_bytes)
    return left->raw_bytes < right->raw_bytes ? 1 : -1;
  return (left->layer > right->layer) - (left->layer < right->layer);
}

static GArray *
jobs_of (Run *run, VarvePoolLayer *layers, gsize n_layers, GError **error)
{
  g_autoptr (GArray) jobs = g_array_new (FALSE, FALSE, sizeof (Job));
  guint64 total_bytes = 0;
  for (gsize i = 0; i < n_layers; i++)
    {
      Job job = { .run = run, .layer = &layers[i] };
      if (!measure (run->pool, &layers[i], run->cancellable, &job.raw_bytes, error))
        return NULL;
      total_bytes += job.raw_bytes;
      g_array_append_val (jobs, job);
    }
  for (guint i = 0; i < jobs->len; i++)
    {
      Job *job = &g_array_index (jobs, Job, i);
      guint64 share = (job->raw_bytes * run->pool->jobs + total_bytes - 1) / MAX (total_bytes, 1);
      job->cores = varve_compression_is_threaded (run->pool->compress.compression, job->raw_bytes)
                       ? (guint)CLAMP (share, 1, run->pool->jobs)
                       : 1;
    }
  g_array_sort (jobs, compare_jobs);
  varve_observer_begin (run->pool->observer, "writing layers", total_bytes);
  return g_steal_pointer (&jobs);
}

static void
forward_cancel (GCancellable *cancellable, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static void
run_all (Run *run)
{
  run->finished = g_async_queue_new ();
  GThread *publisher = g_thread_try_new ("varve-publisher", publish_finished, run, NULL);
  if (publisher == NULL)
    g_clear_pointer (&run->finished, g_async_queue_unref);
  guint n_threads = MIN (run->pool->jobs, run->jobs->len);
  g_autofree GThread **threads = g_new0 (GThread *, n_threads + 1);
  for (guint i = 1; i < n_threads; i++)
    threads[i] = g_thread_try_new ("varve-layer", run_jobs, run, NULL);
  run_jobs (run);
  for (guint i = 1; i < n_threads; i++)
    if (threads[i] != NULL)
      g_thread_join (threads[i]);
  if (publisher == NULL)
    return;
  g_async_queue_push (run->finished, run);
  g_thread_join (publisher);
  g_async_queue_unref (run->finished);
}

gboolean
varve_pool_write (const VarvePool *pool, VarvePoolLayer *layers, gsize n_layers, GCancellable *cancellable,
                  GError **error)
{
  g_return_val_if_fail (pool->jobs > 0 && (pool->blobs_fd < 0 || pool->publish != NULL), FALSE);
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  g_autoptr (GPtrArray) arenas = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_arena_free);
  Run run = { .pool = pool, .cancellable = inner, .free_cores = pool->jobs, .arenas = arenas };
  g_mutex_init (&run.mutex);
  g_cond_init (&run.freed);
  gulong handler
      = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (forward_cancel), inner, NULL) : 0;
  run.jobs = jobs_of (&run, layers, n_layers, &run.failure);
  if (run.jobs != NULL)
    run_all (&run);
  g_clear_pointer (&run.jobs, g_array_unref);
  g_cancellable_disconnect (cancellable, handler);
  g_mutex_clear (&run.mutex);
  g_cond_clear (&run.freed);
  if (run.failure == NULL)
    return TRUE;
  g_propagate_error (error, run.failure);
  return FALSE;
}
