/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of each file are compressed fast and kept in a spool, so that files are matched in any order and memory stays
 * bounded. The stream of a layer is then compressed as a whole. */
#include "delta/layer-ops.h"

#include "base/budget.h"
#include "base/error.h"
#include "base/parallel.h"
#include "delta/commit-layer.h"
#include "delta/encode.h"
#include "delta/encoder-choice.h"

/* Larger pieces are matched in slices: delta/encode.c. */
#define LARGEST_BYTES (160ull << 20)
/* The memory of all pairs that are matched at once. A pair that needs more is matched alone. */
#define MEMORY_BYTES (560ull << 20)

void
varve_layer_ops_free (VarveLayerOps *ops)
{
  g_clear_pointer (&ops->spool, varve_extent_file_free);
  for (guint i = 0; i < ops->new->files->files->len; i++)
    g_free (ops->files[i].skips);
  g_free (ops->files);
  g_free (ops);
}

typedef struct {
  VarveLayerOps *ops;
  GArray *order; /* guint32, the largest first */
  guint formats;
  VarveObserver *observer;
  VarveBudget *memory;
} Work;

static gboolean
encode_file_as (Work *work, VarveFileOps *file, VarveDeltaEntryKind kind, GCancellable *cancellable, GError **error)
{
  VarveLayerOps *ops = work->ops;
  VarveEncodeContext context = {
    .sources = ops->old->sources, .old_spool = ops->old->spool, .new_spool = ops->new->spool, .cancellable = cancellable
  };
  VarveEncodeFile input = {
    .content = file->file->content,
    .hash = file->file->hash,
    .names = file->file->names,
    .anatomy = file->anatomy,
    .skips = file->skips,
  };
  gboolean is_recoded = kind == VARVE_DELTA_ENTRY_VARVE;
  g_autoptr (VarveOpKeeper) keeper = varve_op_keeper_new (ops->spool, file->file->content.size_bytes, error);
  return keeper != NULL
         && (is_recoded ? varve_encode_recoded : varve_encode_plain) (&context, &input, varve_op_keeper_writer (keeper),
                                                                      error)
         && varve_op_keeper_finish (keeper, is_recoded ? &file->recoded : &file->plain, error);
}

static guint64
match_memory (const VarveFileOps *file)
{
  guint64 largest = file->file->content.size_bytes;
  for (guint i = 0; file->anatomy != NULL && i < file->anatomy->pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (file->anatomy->pieces, VarvePiece, i);
      largest = piece->kind == VARVE_PIECE_RAW ? MAX (largest, piece->content.size_bytes) : largest;
    }
  return MIN (largest, LARGEST_BYTES) * 4; /* old, new, and the table of matches */
}

static gboolean
encode_file (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  VarveFileOps *file = &work->ops->files[g_array_index (work->order, guint32, index)];
  guint64 memory_bytes = match_memory (file);
  gboolean wants_plain = !file->has_recoded || (work->formats & VARVE_DELTA_FORMAT_TARDIFF) != 0;
  varve_budget_take (work->memory, memory_bytes);
  gboolean done = (!wants_plain || encode_file_as (work, file, VARVE_DELTA_ENTRY_TARDIFF, cancellable, error))
                  && (!file->has_recoded || encode_file_as (work, file, VARVE_DELTA_ENTRY_VARVE, cancellable, error));
  varve_budget_give (work->memory, memory_bytes);
  varve_observer_advance (work->observer, file->file->content.size_bytes);
  if (!done)
    {
      g_autofree char *name = varve_escape (file->file->names->pdata[0]);
      g_prefix_error (error, "'%s': ", name);
    }
  return done;
}

static int
compare_sizes (gconstpointer a, gconstpointer b, gpointer data)
{
  const VarveLayerOps *ops = data;
  guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;
  guint64 left = ops->files[x].file->content.size_bytes, right = ops->files[y].file->content.size_bytes;
  if (left != right)
    return left < right ? 1 : -1;
  return (x > y) - (x < y);
}

/* Notes which streams of a file are encoded again. */
static void
file_take_stream (VarveFileOps *file, const VarveOuterStream *stream)
{
  if (!stream->is_used)
    {
      if (file->skips == NULL)
        file->skips = g_new0 (gboolean, file->anatomy->pieces->len);
      file->skips[stream->piece] = TRUE;
      return;
    }
  file->has_recoded = TRUE;
  file->encode_seconds += stream->seconds;
  file->encode_bytes = MAX (file->encode_bytes, stream->memory_bytes);
}

static void
prepare_files (VarveLayerOps *ops, const VarveDeltaCreateOptions *options)
{
  g_autoptr (GArray) streams = g_array_new (FALSE, FALSE, sizeof (VarveOuterStream));
  gboolean wants_recoded = (options->formats & VARVE_DELTA_FORMAT_VARVE) != 0 && options->max_cpu_seconds != 0;
  for (guint i = 0; i < ops->new->files->files->len; i++)
    {
      VarveFileOps *file = &ops->files[i];
      file->file = ops->new->files->files->pdata[i];
      if (varve_sources_has_equal (ops->old->sources, file->file->hash, file->file->content.size_bytes))
        continue; /* the whole file is copied */
      file->anatomy = ops->new->anatomies[i];
      if (wants_recoded && file->anatomy != NULL)
        varve_outer_streams_append (streams, i, file->anatomy);
    }
  varve_outer_streams_choose (streams, options->max_cpu_seconds, options->max_memory_bytes);
  for (guint i = 0; i < streams->len; i++)
    {
      const VarveOuterStream *stream = &g_array_index (streams, VarveOuterStream, i);
      file_take_stream (&ops->files[stream->file], stream);
    }
}

static gboolean
encode_commit_layer (VarveLayerOps *ops, const VarveDeltaCreateOptions *options, const gboolean *changed,
                     GError **error)
{
  VarveCommitLayers layers;
  if ((options->formats & VARVE_DELTA_FORMAT_VARVE) == 0 || !varve_commit_layers_find (ops->new, ops->old, &layers)
      || !changed[layers.new_layer])
    return TRUE;
  const VarveTarMap *map = ops->new->files->maps->pdata[layers.new_layer];
  g_autoptr (VarveOpKeeper) keeper = varve_op_keeper_new (ops->spool, map->tar.size_bytes, error);
  if (keeper == NULL
      || !varve_commit_layers_encode (&layers, ops->new, ops->old, varve_op_keeper_writer (keeper), error)
      || !varve_op_keeper_finish (keeper, &ops->commit.recoded, error))
    {
      g_prefix_error (error, "the commit layer: ");
      return FALSE;
    }
  ops->commit.layer = layers.new_layer;
  return TRUE;
}

VarveLayerOps *
varve_layer_ops_new (const VarveNewEnd *new, const VarveOldEnd *old, const gboolean *changed,
                     const VarveDeltaCreateOptions *options, GCancellable *cancellable, GError **error)
{
  VarveObserver *observer = options->observer;
  g_autoptr (VarveLayerOps) ops = g_new0 (VarveLayerOps, 1);
  ops->new = new;
  ops->old = old;
  ops->commit.layer = G_MAXUINT;
  ops->files = g_new0 (VarveFileOps, new->files->files->len + 1);
  ops->spool = varve_extent_file_new (options->work_path, error);
  if (ops->spool == NULL)
    return NULL;
  prepare_files (ops, options);
  if (!encode_commit_layer (ops, options, changed, error))
    return NULL;
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint64 total = 0;
  for (guint layer = 0; layer < new->files->maps->len; layer++)
    {
      g_autoptr (GArray) files = changed[layer] ? varve_layer_ops_files (ops, layer) : NULL;
      if (files != NULL)
        g_array_append_vals (order, files->data, files->len);
    }
  g_array_sort_with_data (order, compare_sizes, ops);
  for (guint i = 0; i < order->len; i++)
    total += ops->files[g_array_index (order, guint32, i)].file->content.size_bytes;
  varve_observer_begin (observer, "matching", total);
  g_autoptr (VarveBudget) memory = varve_budget_new (MEMORY_BYTES);
  Work work = { .ops = ops, .order = order, .formats = options->formats, .observer = observer, .memory = memory };
  gboolean done = varve_parallel_for (options->jobs, order->len, encode_file, &work, cancellable, error);
  return done ? g_steal_pointer (&ops) : NULL;
}

static int
compare_places (gconstpointer a, gconstpointer b, gpointer data)
{
  const VarveLayerOps *ops = data;
  guint64 x = ops->files[*(const guint32 *)a].file->content.at, y = ops->files[*(const guint32 *)b].file->content.at;
  return (x > y) - (x < y);
}

GArray *
varve_layer_ops_files (const VarveLayerOps *ops, guint layer)
{
  GArray *files = g_array_new (FALSE, FALSE, sizeof (guint32));
  const VarveTarMap *map = ops->new->files->maps->pdata[layer];
  for (guint32 i = 0; i < ops->new->files->files->len; i++)
    {
      guint64 at = ops->files[i].file->content.at;
      if (at >= map->tar.at && at < map->tar.at + map->tar.size_bytes)
        g_array_append_val (files, i);
    }
  g_array_sort_with_data (files, compare_places, (gpointer)ops);
  return files;
}

static gboolean
uses_recoded (const VarveFileOps *file, VarveDeltaEntryKind kind)
{
  return kind == VARVE_DELTA_ENTRY_VARVE && file->has_recoded;
}

static gboolean
is_whole (const VarveLayerOps *ops, guint layer, VarveDeltaEntryKind kind)
{
  return kind == VARVE_DELTA_ENTRY_VARVE && ops->commit.layer == layer;
}

gboolean
varve_layer_ops_has_recoded (const VarveLayerOps *ops, guint layer)
{
  g_autoptr (GArray) files = varve_layer_ops_files (ops, layer);
  gboolean has = ops->commit.layer == layer;
  for (guint i = 0; i < files->len && !has; i++)
    has = ops->files[g_array_index (files, guint32, i)].has_recoded;
  return has;
}

guint64
varve_layer_ops_raw_bytes (const VarveLayerOps *ops, guint layer, VarveDeltaEntryKind kind)
{
  g_autoptr (GArray) files = varve_layer_ops_files (ops, layer);
  guint64 raw = is_whole (ops, layer, kind) ? ops->commit.recoded.raw_bytes : 0;
  for (guint i = 0; i < files->len; i++)
    {
      const VarveFileOps *file = &ops->files[g_array_index (files, guint32, i)];
      raw += uses_recoded (file, kind) ? file->recoded.raw_bytes : file->plain.raw_bytes;
    }
  return raw;
}

/* See varve_kept_ops_level(). */
static int
choose_level (const VarveLayerOps *ops, GArray *files, VarveDeltaEntryKind kind, int level, guint64 *out_raw)
{
  guint64 raw = 0, kept = 0;
  for (guint i = 0; i < files->len; i++)
    {
      const VarveFileOps *file = &ops->files[g_array_index (files, guint32, i)];
      raw += uses_recoded (file, kind) ? file->recoded.raw_bytes : file->plain.raw_bytes;
      kept += uses_recoded (file, kind) ? file->recoded.kept.size_bytes : file->plain.kept.size_bytes;
    }
  *out_raw = raw;
  return varve_kept_ops_level (raw, kept, level);
}

static gboolean
append_headers (const VarveLayerOps *ops, VarveExtent extent, VarveTardiffWriter *writer, GError **error)
{
  g_autofree guint8 *data = varve_extent_file_load (ops->new->spool, extent, error);
  return data != NULL && varve_tardiff_writer_data (writer, data, extent.size_bytes, error);
}

static gboolean
write_whole (const VarveLayerOps *ops, const VarveWholeOps *whole, int level, const VarveSink *out, GError **error)
{
  g_autoptr (VarveOpCompressor) compressor
      = varve_op_compressor_new (VARVE_TARDIFF_OWN_MAGIC, level, whole->recoded.raw_bytes, out, error);
  return compressor != NULL && varve_kept_ops_append (ops->spool, whole->recoded.kept, compressor, error)
         && varve_op_compressor_finish (compressor, error);
}

gboolean
varve_layer_ops_write (const VarveLayerOps *ops, const VarveLayerOpsWrite *write, const VarveSink *out,
                       GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (write->kind != VARVE_DELTA_ENTRY_LAYER, FALSE);
  guint layer = write->layer;
  VarveDeltaEntryKind kind = write->kind;
  if (is_whole (ops, layer, kind))
    return write_whole (ops, &ops->commit, write->level, out, error);
  const VarveTarMap *map = ops->new->files->maps->pdata[layer];
  g_autoptr (GArray) files = varve_layer_ops_files (ops, layer);
  guint64 raw, at = map->tar.at, end = map->tar.at + map->tar.size_bytes;
  int level = choose_level (ops, files, kind, write->level, &raw);
  g_autoptr (VarveOpCompressor) compressor
      = varve_op_compressor_new (kind == VARVE_DELTA_ENTRY_VARVE ? VARVE_TARDIFF_OWN_MAGIC : VARVE_TARDIFF_MAGIC, level,
                                 raw + map->entries->len * 1024ull, out, error);
  if (compressor == NULL)
    return FALSE;
  g_autoptr (VarveTardiffWriter) headers = varve_tardiff_writer_new (varve_op_compressor_sink (compressor));
  for (guint i = 0; i < files->len; i++)
    {
      const VarveFileOps *file = &ops->files[g_array_index (files, guint32, i)];
      VarveExtent between = { .at = at, .size_bytes = file->file->content.at - at };
      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !append_headers (ops, between, headers, error)
          || !varve_tardiff_writer_finish (headers, error)
          || !varve_kept_ops_append (ops->spool, uses_recoded (file, kind) ? file->recoded.kept : file->plain.kept,
                                     compressor, error))
        return FALSE;
      at = file->file->content.at + file->file->content.size_bytes;
    }
  return append_headers (ops, (VarveExtent){ .at = at, .size_bytes = end - at }, headers, error)
         && varve_tardiff_writer_finish (headers, error) && varve_op_compressor_finish (compressor, error);
}
