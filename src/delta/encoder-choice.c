/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/encoder-choice.h"

#include "codec/recipe-memory.h"
#include "codec/recipe-trial.h"

static VarveOuterStream
stream_measure (const VarveAnatomy *anatomy, guint file, guint32 begin)
{
  const VarvePiece *outer = &g_array_index (anatomy->pieces, VarvePiece, begin);
  VarveOuterStream stream = { .file = file, .piece = begin, .size_bytes = outer->content.size_bytes };
  guint64 open_bytes[VARVE_ANATOMY_DEPTH_MAX + 1] = { 0 };
  guint depth = 0;
  for (guint32 i = begin; i < outer->end; i++)
    {
      const VarvePiece *piece = &g_array_index (anatomy->pieces, VarvePiece, i);
      if (piece->kind == VARVE_PIECE_END)
        depth--;
      if (piece->kind != VARVE_PIECE_BEGIN)
        continue;
      VarveRecipeMemory memory = varve_recipe_memory (piece->recipe);
      depth++;
      open_bytes[depth] = open_bytes[depth - 1] + varve_recipe_memory_bytes (&memory, piece->plain_bytes);
      stream.memory_bytes = MAX (stream.memory_bytes, open_bytes[depth]);
      stream.seconds += varve_recipe_seconds (piece->recipe, piece->plain_bytes);
    }
  return stream;
}

void
varve_outer_streams_append (GArray *streams, guint file, const VarveAnatomy *anatomy)
{
  for (guint32 i = 0; i < anatomy->pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (anatomy->pieces, VarvePiece, i);
      if (piece->kind != VARVE_PIECE_BEGIN)
        continue;
      VarveOuterStream stream = stream_measure (anatomy, file, i);
      g_array_append_val (streams, stream);
      i = piece->end;
    }
}

static int
compare_worth (gconstpointer a, gconstpointer b)
{
  const VarveOuterStream *x = a, *y = b;
  double left = (double)x->size_bytes * y->seconds, right = (double)y->size_bytes * x->seconds;
  if (left != right)
    return left > right ? -1 : 1;
  return x->file != y->file ? (x->file > y->file) - (x->file < y->file) : (x->piece > y->piece) - (x->piece < y->piece);
}

void
varve_outer_streams_choose (GArray *streams, double max_cpu_seconds, guint64 max_memory_bytes)
{
  double seconds = 0;
  g_array_sort (streams, compare_worth);
  for (guint i = 0; i < streams->len; i++)
    {
      VarveOuterStream *stream = &g_array_index (streams, VarveOuterStream, i);
      stream->is_used = stream->memory_bytes <= max_memory_bytes
                        && (max_cpu_seconds < 0 || seconds + stream->seconds <= max_cpu_seconds);
      seconds += stream->is_used ? stream->seconds : 0;
    }
}
