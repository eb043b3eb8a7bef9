/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the source of each piece of a new file, and writes matches as Copy, AddData and Data. */
#include "delta/encode.h"

#include <string.h>

#include "base/fasthash.h"
#include "delta/match.h"

enum {
  /* The shortest run of equal bytes that interrupts an AddData with a Copy. Kernel modules at zstd -19: 4 3.379,
   * 6 3.378, 8 3.41, 32 3.45 MB. */
  COPY_MIN_BYTES = 6,
  ADD_MAX_BYTES = 1 << 16,
  UNIT_MIN_BYTES = 48, /* a smaller piece is cheaper as Data */
};

/* A larger pair is matched in slices, each against the bytes near the same offset of the old file. */
#define PAIR_MAX_BYTES (320ull << 20)
#define SLICE_BYTES (64ull << 20)

/* Copy where the two agree, AddData elsewhere. */
static gboolean
write_region (const guint8 *old, const guint8 *new, gsize size_bytes, VarveTardiffWriter *writer, GError **error)
{
  g_autofree guint8 *differences = g_malloc (MIN (size_bytes, ADD_MAX_BYTES) + 1);
  gsize at = 0;
  while (at < size_bytes)
    {
      gsize run = varve_match_run (old + at, new + at, size_bytes - at);
      if (run >= COPY_MIN_BYTES || run == size_bytes - at)
        {
          if (!varve_tardiff_writer_copy (writer, run, error))
            return FALSE;
          at += run;
          continue;
        }
      gsize n = 0;
      while (at + n < size_bytes && n < ADD_MAX_BYTES)
        {
          if (new[at + n] == old[at + n])
            {
              gsize equal = varve_match_run (old + at + n, new + at + n, MIN (COPY_MIN_BYTES, size_bytes - at - n));
              if (equal == COPY_MIN_BYTES || at + n + equal == size_bytes)
                break;
            }
          differences[n] = (guint8)(new[at + n] - old[at + n]);
          n++;
        }
      if (!varve_tardiff_writer_add (writer, differences, n, error))
        return FALSE;
      at += n;
    }
  return TRUE;
}

gboolean
varve_encode_match (const VarveEncodePair *pair, VarveTardiffWriter *writer, GError **error)
{
  const guint8 *new = pair->new;
  g_autoptr (GArray) matches = varve_match (pair->old, pair->old_bytes, new, pair->new_bytes);
  gsize at = 0;
  for (guint i = 0; i < matches->len; i++)
    {
      const VarveMatch *match = &g_array_index (matches, VarveMatch, i);
      if (!varve_tardiff_writer_data (writer, new + at, match->new_at - at, error)
          || !varve_tardiff_writer_seek (writer, pair->old_at + match->old_at, error)
          || !write_region (pair->old + match->old_at, new + match->new_at, match->size_bytes, writer, error))
        return FALSE;
      at = match->new_at + match->size_bytes;
    }
  return varve_tardiff_writer_data (writer, new + at, pair->new_bytes - at, error);
}

static gboolean
open_unit (const VarveUnit *unit, VarveTardiffWriter *writer, GError **error)
{
  if (!varve_tardiff_writer_open (writer, unit->file_name, error))
    return FALSE;
  for (guint i = 0; i < unit->n_steps; i++)
    if (!varve_tardiff_writer_decode (writer, unit->steps[i].codec, unit->steps[i].at, unit->steps[i].size_bytes,
                                      error))
      return FALSE;
  return TRUE;
}

static gboolean
write_data (const VarveEncodeContext *context, VarveExtent content, VarveTardiffWriter *writer, GError **error)
{
  while (content.size_bytes > 0)
    {
      VarveExtent piece = { .at = content.at, .size_bytes = MIN (content.size_bytes, 1u << 20) };
      g_autofree guint8 *data = varve_extent_file_load (context->new_spool, piece, error);
      if (data == NULL || !varve_tardiff_writer_data (writer, data, piece.size_bytes, error))
        return FALSE;
      content.at += piece.size_bytes;
      content.size_bytes -= piece.size_bytes;
    }
  return TRUE;
}

static gboolean
write_slices (const VarveEncodeContext *context, const VarveUnit *unit, VarveExtent content, VarveTardiffWriter *writer,
              GError **error)
{
  for (guint64 from = 0; from < content.size_bytes; from += SLICE_BYTES)
    {
      guint64 old_from = MIN (from > SLICE_BYTES / 2 ? from - SLICE_BYTES / 2 : 0, unit->content.size_bytes);
      VarveExtent new_slice = { .at = content.at + from, .size_bytes = MIN (SLICE_BYTES, content.size_bytes - from) };
      VarveExtent old_slice = { .at = unit->content.at + old_from,
                                .size_bytes = MIN (2 * SLICE_BYTES, unit->content.size_bytes - old_from) };
      g_autofree guint8 *new = varve_extent_file_load (context->new_spool, new_slice, error);
      g_autofree guint8 *old = new != NULL ? varve_extent_file_load (context->old_spool, old_slice, error) : NULL;
      VarveEncodePair pair = { .old = old,
                               .old_bytes = old_slice.size_bytes,
                               .old_at = unit->at + old_from,
                               .new = new,
                               .new_bytes = new_slice.size_bytes };
      if (old == NULL || g_cancellable_set_error_if_cancelled (context->cancellable, error)
          || !varve_encode_match (&pair, writer, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_pair (const VarveEncodeContext *context, const VarveUnit *unit, VarveExtent content, VarveTardiffWriter *writer,
            GError **error)
{
  if (!open_unit (unit, writer, error))
    return FALSE;
  if (content.size_bytes + unit->content.size_bytes > PAIR_MAX_BYTES)
    return write_slices (context, unit, content, writer, error);
  g_autofree guint8 *new = varve_extent_file_load (context->new_spool, content, error);
  g_autofree guint8 *old = new != NULL ? varve_extent_file_load (context->old_spool, unit->content, error) : NULL;
  if (old == NULL || g_cancellable_set_error_if_cancelled (context->cancellable, error))
    return FALSE;
  if (content.size_bytes == unit->content.size_bytes && memcmp (old, new, content.size_bytes) == 0)
    return varve_tardiff_writer_seek (writer, unit->at, error)
           && varve_tardiff_writer_copy (writer, content.size_bytes, error);
  VarveEncodePair pair = {
    .old = old, .old_bytes = unit->content.size_bytes, .old_at = unit->at, .new = new, .new_bytes = content.size_bytes
  };
  return varve_encode_match (&pair, writer, error);
}

static gboolean
hash_of (const VarveEncodeContext *context, VarveExtent content, guint64 *out_hash, GError **error)
{
  g_autofree guint8 *data = varve_extent_file_load (context->new_spool, content, error);
  if (data == NULL)
    return FALSE;
  *out_hash = varve_fasthash_64 (data, content.size_bytes);
  return TRUE;
}

/* Writes a piece as bytes, whether or not they are compressed. */
static gboolean
write_piece (const VarveEncodeContext *context, const VarveEncodeFile *file, const VarvePiece *piece,
             VarveSourcesKind kind, VarveTardiffWriter *writer, GError **error)
{
  VarveExtent content = piece->content;
  const char *name = piece->name;
  if (content.size_bytes < UNIT_MIN_BYTES)
    return write_data (context, content, writer, error);
  VarveWanted wanted = { .names = file->names, .name = name, .size_bytes = content.size_bytes };
  if (content.at == file->content.at && content.size_bytes == file->content.size_bytes)
    wanted.hash = file->hash;
  else if (name != NULL && !hash_of (context, content, &wanted.hash, error))
    return FALSE;
  const VarveUnit *unit = varve_sources_find (context->sources, &wanted, kind);
  return unit != NULL ? write_pair (context, unit, content, writer, error)
                      : write_data (context, content, writer, error);
}

static gboolean
write_whole_file (const VarveEncodeContext *context, const VarveEncodeFile *file, VarveSourcesKind kind,
                  VarveTardiffWriter *writer, GError **error)
{
  VarvePiece whole = { .kind = VARVE_PIECE_RAW, .content = file->content };
  return write_piece (context, file, &whole, kind, writer, error);
}

gboolean
varve_encode_plain (const VarveEncodeContext *context, const VarveEncodeFile *file, VarveTardiffWriter *writer,
                    GError **error)
{
  if (file->anatomy == NULL)
    return write_whole_file (context, file, VARVE_SOURCES_PLAIN, writer, error);
  const GArray *pieces = file->anatomy->pieces;
  for (guint i = 0; i < pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (pieces, VarvePiece, i);
      gboolean is_compressed = piece->kind == VARVE_PIECE_BEGIN;
      if (!write_piece (context, file, piece, VARVE_SOURCES_PLAIN, writer, error))
        return FALSE;
      if (is_compressed)
        i = piece->end;
    }
  return TRUE;
}

gboolean
varve_encode_recoded (const VarveEncodeContext *context, const VarveEncodeFile *file, VarveTardiffWriter *writer,
                      GError **error)
{
  if (file->anatomy == NULL)
    return write_whole_file (context, file, VARVE_SOURCES_INSIDE, writer, error);
  const GArray *pieces = file->anatomy->pieces;
  for (guint i = 0; i < pieces->len; i++)
    {
      const VarvePiece *piece = &g_array_index (pieces, VarvePiece, i);
      gboolean written = FALSE;
      switch (piece->kind)
        {
        case VARVE_PIECE_RAW:
          written = write_piece (context, file, piece, VARVE_SOURCES_INSIDE, writer, error);
          break;
        case VARVE_PIECE_BEGIN:
          written = varve_tardiff_writer_encode (writer, piece->recipe, error);
          break;
        case VARVE_PIECE_END:
          written = varve_tardiff_writer_end (writer, error);
          break;
        }
      if (!written)
        return FALSE;
    }
  return TRUE;
}
