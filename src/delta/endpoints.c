/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which files are looked into, and does that in parallel. */
#include "delta/endpoints.h"

#include "base/error.h"
#include "base/parallel.h"
#include "delta/counterparts.h"
#include "delta/recompress.h"

void
varve_new_end_free (VarveNewEnd *end)
{
  for (guint i = 0; end->anatomies != NULL && i < end->files->files->len; i++)
    g_clear_pointer (&end->anatomies[i], varve_anatomy_free);
  for (guint i = 0; end->compressions != NULL && i < end->image->manifest->layers->len; i++)
    g_free (end->compressions[i]);
  g_free (end->anatomies);
  g_free (end->compressions);
  g_clear_pointer (&end->files, varve_image_files_free);
  g_clear_pointer (&end->spool, varve_extent_file_free);
  g_free (end);
}

void
varve_old_end_free (VarveOldEnd *end)
{
  g_clear_pointer (&end->sources, varve_sources_free);
  g_clear_pointer (&end->anatomies, g_ptr_array_unref);
  g_clear_pointer (&end->boot_parts, g_array_unref);
  g_clear_pointer (&end->files, varve_image_files_free);
  g_clear_pointer (&end->spool, varve_extent_file_free);
  g_free (end);
}

/* One file or one layer. The largest tasks are done first. */
typedef struct {
  guint64 size_bytes;
  guint file, layer; /* one of them is G_MAXUINT */
} Task;

static int
compare_tasks (gconstpointer a, gconstpointer b)
{
  const Task *x = a, *y = b;
  if (x->size_bytes != y->size_bytes)
    return x->size_bytes < y->size_bytes ? 1 : -1;
  return x->file != y->file ? (x->file > y->file) - (x->file < y->file) : (x->layer > y->layer) - (x->layer < y->layer);
}

typedef struct {
  VarveNewEnd *end;
  GArray *tasks;
  GPtrArray *olds; /* VarveOldEnd */
  const VarveEndpointOptions *options;
} NewWork;

/* Whether all old images have these bytes. */
static gboolean
is_in_all (gpointer data, guint64 hash, guint64 size_bytes)
{
  GPtrArray *olds = data;
  for (guint i = 0; i < olds->len; i++)
    if (!varve_sources_has_equal (((VarveOldEnd *)olds->pdata[i])->sources, hash, size_bytes))
      return FALSE;
  return TRUE;
}

static gboolean
do_new_task (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  NewWork *work = data;
  VarveNewEnd *end = work->end;
  const Task *task = &g_array_index (work->tasks, Task, index);
  varve_observer_advance (work->options->observer, task->size_bytes);
  if (task->file == G_MAXUINT)
    {
      const VarveTarMap *map = end->files->maps->pdata[task->layer];
      VarveRecompressLayer layer = { .image = end->image, .index = task->layer, .spool = end->spool, .tar = map->tar };
      return varve_recompress_find (&layer, &end->compressions[task->layer], cancellable, error);
    }
  const VarveImageFile *file = end->files->files->pdata[task->file];
  VarveAnatomyOptions options = { .kind = work->options->new_kind, .is_known = is_in_all, .data = work->olds };
  g_autoptr (VarveAnatomy) anatomy = varve_anatomy_new (end->spool, file->content, &options, cancellable, error);
  if (anatomy == NULL)
    {
      g_autofree char *name = varve_escape (file->names->pdata[0]);
      g_prefix_error (error, "'%s': ", name);
      return FALSE;
    }
  if (varve_anatomy_is_deep (anatomy))
    end->anatomies[task->file] = g_steal_pointer (&anatomy);
  return TRUE;
}

static gboolean
look_inside_new (VarveNewEnd *end, GPtrArray *olds, const VarveEndpointOptions *options, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GArray) tasks = g_array_new (FALSE, FALSE, sizeof (Task));
  guint64 total = 0;
  for (guint i = 0; i < end->files->files->len; i++)
    {
      const VarveImageFile *file = end->files->files->pdata[i];
      Task task = { .size_bytes = file->content.size_bytes, .file = i, .layer = G_MAXUINT };
      gboolean is_promising = FALSE;
      if (!is_in_all (olds, file->hash, file->content.size_bytes)
          && !varve_counterparts_is_promising (end->spool, file, &is_promising, error))
        return FALSE;
      if (is_promising)
        g_array_append_val (tasks, task);
    }
  for (guint i = 0; i < end->files->maps->len; i++)
    {
      const VarveTarMap *map = end->files->maps->pdata[i];
      Task task = { .size_bytes = map != NULL ? map->tar.size_bytes : 0, .file = G_MAXUINT, .layer = i };
      if (map != NULL)
        g_array_append_val (tasks, task);
    }
  g_array_sort (tasks, compare_tasks);
  for (guint i = 0; i < tasks->len; i++)
    total += g_array_index (tasks, Task, i).size_bytes;
  varve_observer_begin (options->observer, "trying recipes", total);
  NewWork work = { .end = end, .tasks = tasks, .olds = olds, .options = options };
  gint64 start = g_get_monotonic_time ();
  gboolean done = varve_parallel_for (options->jobs, tasks->len, do_new_task, &work, cancellable, error);
  end->trial_seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  return done;
}

VarveNewEnd *
varve_new_end_read (const VarveImage *image, const gboolean *wanted, GPtrArray *olds,
                    const VarveEndpointOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveNewEnd) end = g_new0 (VarveNewEnd, 1);
  end->image = image;
  end->spool = varve_extent_file_new (options->work_path, error);
  if (end->spool == NULL)
    return NULL;
  varve_observer_begin (options->observer, "reading the new image", 0);
  VarveImageFilesOptions files_options = { .kind = VARVE_TAR_MAP_HASHED,
                                           .jobs = options->jobs,
                                           .spool = end->spool,
                                           .observer = options->observer,
                                           .wanted = wanted };
  end->files = varve_image_files_read (image, &files_options, cancellable, error);
  if (end->files == NULL)
    {
      g_prefix_error (error, "the new image: ");
      return NULL;
    }
  end->anatomies = g_new0 (VarveAnatomy *, end->files->files->len + 1);
  end->compressions = g_new0 (char *, image->manifest->layers->len + 1);
  return look_inside_new (end, olds, options, cancellable, error) ? g_steal_pointer (&end) : NULL;
}

VarveOldEnd *
varve_old_end_read (const VarveImage *image, const VarveEndpointOptions *options, GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (VarveOldEnd) end = g_new0 (VarveOldEnd, 1);
  end->image = image;
  end->spool = varve_extent_file_new (options->work_path, error);
  if (end->spool == NULL)
    return NULL;
  varve_observer_begin (options->observer, "reading the old image", 0);
  VarveImageFilesOptions files_options
      = { .kind = VARVE_TAR_MAP_HASHED, .jobs = options->jobs, .spool = end->spool, .observer = options->observer };
  end->files = varve_image_files_read (image, &files_options, cancellable, error);
  if (end->files == NULL)
    {
      g_prefix_error (error, "the old image: ");
      return NULL;
    }
  end->sources = varve_sources_new (end->files);
  end->anatomies = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_anatomy_free);
  end->boot_parts = varve_boot_parts_find (end->files, end->spool, end->sources, cancellable, error);
  return end->boot_parts != NULL ? g_steal_pointer (&end) : NULL;
}

typedef struct {
  VarveOldEnd *end;
  GPtrArray *files; /* VarveImageFile to look into */
  VarveAnatomy **found;
} OldWork;

static gboolean
dissect_old (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  OldWork *work = data;
  const VarveImageFile *file = work->files->pdata[index];
  VarveAnatomyOptions options = { .kind = VARVE_ANATOMY_DECODE };
  work->found[index] = varve_anatomy_new (work->end->spool, file->content, &options, cancellable, error);
  return work->found[index] != NULL;
}

gboolean
varve_old_end_dissect (VarveOldEnd *end, const VarveNewEnd *new, const VarveEndpointOptions *options,
                       GCancellable *cancellable, GError **error)
{
  VarveCounterparts counterparts = {
    .old_spool = end->spool,
    .sources = end->sources,
    .boot_parts = end->boot_parts,
    .new_files = new->files,
    .new_anatomies = new->anatomies,
  };
  g_autoptr (GPtrArray) files = varve_counterparts_find (&counterparts, error);
  if (files == NULL)
    return FALSE;
  g_autofree VarveAnatomy **found = g_new0 (VarveAnatomy *, files->len + 1);
  OldWork work = { .end = end, .files = files, .found = found };
  varve_observer_begin (options->observer, "reading inside old files", 0);
  gboolean done = varve_parallel_for (options->jobs, files->len, dissect_old, &work, cancellable, error);
  for (guint i = 0; i < files->len; i++)
    if (found[i] != NULL)
      {
        g_ptr_array_add (end->anatomies, found[i]);
        if (varve_anatomy_is_deep (found[i]))
          varve_sources_add_inside (end->sources, files->pdata[i], found[i]);
      }
  return done;
}
