/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/bytecode-times.h"

#include <errno.h>
#include <unistd.h>

#include "base/error.h"
#include "base/parallel.h"
#include "model/pyc-header.h"
#include "packages/package-tree.h"

enum { FILES_PER_TASK = 64, EXAMPLES_MAX = 3 };

typedef struct {
  guint32 file, source; /* indices of the bytecode and of its source */
  gboolean is_beside;
  VarvePycHeader header;
} Bytecode;

typedef struct {
  const VarveBytecodeTimes *self;
  GArray *list; /* Bytecode */
} Work;

static const VarveObject *
object_of (const VarveInventory *inventory, guint32 file)
{
  return &inventory->objects[inventory->files[file].object];
}

/* The file of which the other names are hard links. */
static guint32
first_name (const VarveInventory *inventory, guint32 file)
{
  guint32 link_to = inventory->files[file].link_to;
  return link_to != VARVE_NO_INDEX ? link_to : file;
}

static GArray *
list_bytecode (const VarveBytecodeTimes *self)
{
  VarveInventory *inventory = self->inventory;
  g_autoptr (VarvePackageTree) tree = varve_package_tree_new (inventory, self->source, NULL, NULL);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (Bytecode));
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      Bytecode bytecode = { .file = i };
      g_autofree char *source = varve_pyc_source (inventory->files[i].path, &bytecode.is_beside);
      if (source == NULL || object_of (inventory, i)->symlink_target != NULL)
        continue;
      guint32 found = varve_package_tree_find_file (tree, source);
      if (found == VARVE_NO_INDEX)
        continue;
      bytecode.source = first_name (inventory, found);
      g_array_append_val (list, bytecode);
    }
  return list;
}

/* As much of the first bytes as there is; -1 with @error. */
static gssize
read_start (VarveSource *source, const VarveDigest *checksum, guint8 *bytes, gsize size_bytes,
            GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;
  int fd = source->open_content_fd != NULL ? source->open_content_fd (source, checksum, &failure) : -1;
  if (fd < 0 && failure == NULL)
    {
      gsize n = 0;
      g_autoptr (GInputStream) stream = source->open_content (source, checksum, cancellable, error);
      return stream != NULL && g_input_stream_read_all (stream, bytes, size_bytes, &n, cancellable, error) ? (gssize)n
                                                                                                           : -1;
    }
  gssize n = fd >= 0 ? pread (fd, bytes, size_bytes, 0) : -1;
  if (failure != NULL)
    g_propagate_error (error, failure);
  else if (n < 0)
    (void)varve_set_errno (error, errno, "reading the content");
  if (fd >= 0)
    close (fd);
  return n;
}

static gboolean
read_headers (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  const Work *work = data;
  const VarveInventory *inventory = work->self->inventory;
  guint end = (guint)MIN ((index + 1) * FILES_PER_TASK, work->list->len);
  for (guint i = (guint)index * FILES_PER_TASK; i < end; i++)
    {
      Bytecode *bytecode = &g_array_index (work->list, Bytecode, i);
      guint8 bytes[VARVE_PYC_HEADER_BYTES];
      gssize n = read_start (work->self->source, &object_of (inventory, bytecode->file)->checksum, bytes, sizeof bytes,
                             cancellable, error);
      if (n < 0)
        {
          g_autofree char *path = varve_escape (inventory->files[bytecode->file].path);
          g_prefix_error (error, "'/%s': ", path);
          return FALSE;
        }
      bytecode->header = varve_pyc_header_parse (bytes, (gsize)n);
    }
  return TRUE;
}

/* Whether Python compares it with the source: only Python 2 does with bytecode beside it. */
static gboolean
is_compared (const Bytecode *bytecode)
{
  return bytecode->header.kind == VARVE_PYC_TIMED && bytecode->is_beside == bytecode->header.is_python2;
}

static gboolean
has_size_of_source (const Work *work, const Bytecode *bytecode)
{
  guint32 size = (guint32)object_of (work->self->inventory, bytecode->source)->size_bytes;
  return !bytecode->header.has_size || bytecode->header.source_bytes == size;
}

static void
bind_times (const Work *work)
{
  VarveInventory *inventory = work->self->inventory;
  for (guint i = 0; i < work->list->len; i++)
    {
      const Bytecode *bytecode = &g_array_index (work->list, Bytecode, i);
      VarveFile *source = &inventory->files[bytecode->source];
      if (!is_compared (bytecode) || !has_size_of_source (work, bytecode))
        continue;
      gboolean is_newer = !source->is_time_bound || bytecode->header.time > source->time;
      source->is_time_bound = TRUE;
      source->time = is_newer ? bytecode->header.time : source->time;
    }
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      const VarveFile *first = &inventory->files[first_name (inventory, i)];
      inventory->files[i].is_time_bound = first->is_time_bound;
      inventory->files[i].time = first->time;
    }
}

typedef struct {
  guint n;
  GString *examples;
} Stale;

static void
stale_add (Stale *stale, const VarveInventory *inventory, const Bytecode *bytecode)
{
  g_autofree char *path = varve_escape (inventory->files[bytecode->file].path);
  if (stale->n < EXAMPLES_MAX)
    g_string_append_printf (stale->examples, "%s'/%s'", stale->n > 0 ? ", " : "", path);
  stale->n++;
}

static void
stale_report (const Stale *stale, VarveObserver *observer, const char *what)
{
  if (stale->n > 0)
    varve_observer_warn (observer, "%u file%s of Python bytecode %s stale, %s: %s%s: compile the modules again",
                         stale->n, stale->n == 1 ? "" : "s", stale->n == 1 ? "is" : "are", what, stale->examples->str,
                         stale->n > EXAMPLES_MAX ? ", …" : "");
}

static void
report_stale (const Work *work)
{
  const VarveInventory *inventory = work->self->inventory;
  g_autoptr (GString) of_size = g_string_new (NULL), of_time = g_string_new (NULL);
  Stale sizes = { .examples = of_size }, times = { .examples = of_time };
  for (guint i = 0; i < work->list->len; i++)
    {
      const Bytecode *bytecode = &g_array_index (work->list, Bytecode, i);
      if (!is_compared (bytecode))
        continue;
      if (!has_size_of_source (work, bytecode))
        stale_add (&sizes, inventory, bytecode);
      else if (bytecode->header.time != inventory->files[bytecode->source].time)
        stale_add (&times, inventory, bytecode);
    }
  stale_report (&sizes, work->self->observer, "because its source has another size than when it was compiled");
  stale_report (&times, work->self->observer, "because newer bytecode of the same source records another time of it");
}

gboolean
varve_bytecode_times_set (const VarveBytecodeTimes *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) list = list_bytecode (self);
  Work work = { .self = self, .list = list };
  gsize n_tasks = (list->len + FILES_PER_TASK - 1) / FILES_PER_TASK;
  if (!varve_parallel_for (MAX (self->jobs, 1), n_tasks, read_headers, &work, cancellable, error))
    return FALSE;
  bind_times (&work);
  report_stale (&work);
  return TRUE;
}
