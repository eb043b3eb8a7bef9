/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the source of each piece of a new file, and writes matches as Copy, AddData and Data. */
#include "delta/encode.h"

#include <string.h>

#include "delta/match.h"

enum {
  /* The shortest run of equal bytes that interrupts an AddData with a Copy. Kernel modules at zstd -19: 4 3.379,
   * 6 3.378, 8 3.41, 32 3.45 MB. */
  COPY_MIN_BYTES = 6,
  ADD_MAX_BYTES = 1 << 16,
  UNIT_MIN_BYTES = 48,    /* a smaller piece is cheaper as Data */
  ZEROS_MAX_BYTES = 4096, /* padding, up to that: as Data */
  SMALL_MAX_BYTES = 512,  /* a piece up to that is taken from where the last one ended, if half of it is the same */
  COMPARED_AT_ONCE = 1 << 16,
  COMPARED_FIRST = 1 << 9,
};

/* A larger pair is matched in slices, each against the bytes near the same offset of the old file. */
#define PAIR_MAX_BYTES (320ull << 20)
#define SLICE_BYTES (64ull << 20)

/* Sections that are not looked into are matched together, with the bytes between them, against the same place of the
 * old file: then a new command line costs as little as in a file of one piece. */
#define STRETCH_PIECE_MAX_BYTES (1ull << 20)
#define STRETCH_MAX_BYTES (4ull << 20)
#define STRETCH_MARGIN_BYTES (1ull << 16) /* by which the place may have moved */

/* The ops of one file. */
typedef struct {
  const VarveEncodeContext *context;
  const VarveEncodeFile *file;
  VarveUnit counterpart; /* the old file with the same names; without a file where there is none */
  VarveSourcesKind kind;
  VarveTardiffWriter *writer;
  const VarveUnit *open; /* a unit of the stream that is the source; NULL: there is none yet */
} Encoding;

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

/* Whether both are parts of one stream. */
static gboolean
is_same_stream (const VarveUnit *a, const VarveUnit *b)
{
  if (a->file != b->file || a->n_steps != b->n_steps)
    return FALSE;
  for (guint i = 0; i < a->n_steps; i++)
    if (a->steps[i].at != b->steps[i].at || a->steps[i].codec != b->steps[i].codec
        || a->steps[i].size_bytes != b->steps[i].size_bytes)
      return FALSE;
  return TRUE;
}

static gboolean
open_unit (Encoding *encoding, const VarveUnit *unit, GError **error)
{
  VarveTardiffWriter *writer = encoding->writer;
  if (encoding->open != NULL && is_same_stream (encoding->open, unit))
    return TRUE;
  encoding->open = unit;
  if (!varve_tardiff_writer_open (writer, unit->file_name, error))
    return FALSE;
  for (guint i = 0; i < unit->n_steps; i++)
    if (!varve_tardiff_writer_decode (writer, unit->steps[i].codec, unit->steps[i].at, unit->steps[i].size_bytes,
                                      error))
      return FALSE;
  return TRUE;
}

static gboolean
write_data (Encoding *encoding, VarveExtent content, GError **error)
{
  while (content.size_bytes > 0)
    {
      VarveExtent piece = { .at = content.at, .size_bytes = MIN (content.size_bytes, 1u << 20) };
      g_autofree guint8 *data = varve_extent_file_load (encoding->context->new_spool, piece, error);
      if (data == NULL || !varve_tardiff_writer_data (encoding->writer, data, piece.size_bytes, error))
        return FALSE;
      content.at += piece.size_bytes;
      content.size_bytes -= piece.size_bytes;
    }
  return TRUE;
}

static gboolean
write_slices (Encoding *encoding, const VarveUnit *unit, VarveExtent content, GError **error)
{
  const VarveEncodeContext *context = encoding->context;
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
          || !varve_encode_match (&pair, encoding->writer, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_equal (Encoding *encoding, const VarveUnit *unit, GError **error)
{
  return open_unit (encoding, unit, error) && varve_tardiff_writer_seek (encoding->writer, unit->at, error)
         && varve_tardiff_writer_copy (encoding->writer, unit->content.size_bytes, error);
}

static gboolean
write_pair (Encoding *encoding, const VarveUnit *unit, VarveExtent content, GError **error)
{
  const VarveEncodeContext *context = encoding->context;
  if (!open_unit (encoding, unit, error))
    return FALSE;
  if (content.size_bytes + unit->content.size_bytes > PAIR_MAX_BYTES)
    return write_slices (encoding, unit, content, error);
  g_autofree guint8 *new = varve_extent_file_load (context->new_spool, content, error);
  g_autofree guint8 *old = new != NULL ? varve_extent_file_load (context->old_spool, unit->content, error) : NULL;
  if (old == NULL || g_cancellable_set_error_if_cancelled (context->cancellable, error))
    return FALSE;
  if (content.size_bytes == unit->content.size_bytes && memcmp (old, new, content.size_bytes) == 0)
    return write_equal (encoding, unit, error);
  VarveEncodePair pair = {
    .old = old, .old_bytes = unit->content.size_bytes, .old_at = unit->at, .new = new, .new_bytes = content.size_bytes
  };
  return varve_encode_match (&pair, encoding->writer, error);
}

static gboolean
are_equal (const VarveEncodeContext *context, VarveExtent old, guint64 new_at, gboolean *out_equal, GError **error)
{
  guint8 a[COMPARED_AT_ONCE], b[COMPARED_AT_ONCE];
  gsize at_once = COMPARED_FIRST;
  *out_equal = FALSE;
  while (old.size_bytes > 0)
    {
      gsize n = (gsize)MIN (old.size_bytes, at_once);
      if (!varve_extent_file_read (context->old_spool, old.at, a, n, error)
          || !varve_extent_file_read (context->new_spool, new_at, b, n, error))
        return FALSE;
      if (memcmp (a, b, n) != 0)
        return TRUE;
      old.at += n;
      old.size_bytes -= n;
      new_at += n;
      at_once = COMPARED_AT_ONCE;
    }
  *out_equal = TRUE;
  return TRUE;
}

/* The bytes that follow in the source where the last ops ended. FALSE where it has fewer. */
static gboolean
find_next (const Encoding *encoding, guint64 size_bytes, VarveExtent *out_old)
{
  const VarveUnit *open = encoding->open;
  guint64 at = varve_tardiff_writer_position (encoding->writer);
  if (open == NULL || at > open->stream_bytes || size_bytes > open->stream_bytes - at)
    return FALSE;
  *out_old = (VarveExtent){ .at = open->content.at - open->at + at, .size_bytes = size_bytes };
  return TRUE;
}

/* Copies on from where the last ops ended in the source, if the bytes are the same. */
static gboolean
try_to_go_on (Encoding *encoding, VarveExtent content, gboolean *out_written, GError **error)
{
  VarveExtent old;
  *out_written = FALSE;
  return !find_next (encoding, content.size_bytes, &old)
         || (are_equal (encoding->context, old, content.at, out_written, error)
             && (!*out_written || varve_tardiff_writer_copy (encoding->writer, content.size_bytes, error)));
}

/* Goes on with a small piece that differs: the header of an archive's member follows the one before it. */
static gboolean
try_to_go_on_nearly (Encoding *encoding, VarveExtent content, gboolean *out_written, GError **error)
{
  VarveExtent old;
  guint8 a[SMALL_MAX_BYTES], b[SMALL_MAX_BYTES];
  guint64 n_equal = 0;
  *out_written = FALSE;
  if (content.size_bytes > SMALL_MAX_BYTES || !find_next (encoding, content.size_bytes, &old))
    return TRUE;
  if (!varve_extent_file_read (encoding->context->old_spool, old.at, a, old.size_bytes, error)
      || !varve_extent_file_read (encoding->context->new_spool, content.at, b, content.size_bytes, error))
    return FALSE;
  for (guint64 i = 0; i < content.size_bytes; i++)
    n_equal += a[i] == b[i];
  *out_written = n_equal * 2 >= content.size_bytes;
  return !*out_written || write_region (a, b, content.size_bytes, encoding->writer, error);
}

/* Padding, which would match other padding anywhere. */
static gboolean
are_zeros (const VarveEncodeContext *context, VarveExtent content, gboolean *out_are_zeros, GError **error)
{
  guint8 bytes[ZEROS_MAX_BYTES];
  *out_are_zeros = FALSE;
  if (content.size_bytes > sizeof bytes)
    return TRUE;
  if (!varve_extent_file_read (context->new_spool, content.at, bytes, content.size_bytes, error))
    return FALSE;
  *out_are_zeros = bytes[0] == 0 && memcmp (bytes, bytes + 1, content.size_bytes - 1) == 0;
  return TRUE;
}

/* Writes a piece as bytes, whether or not they are compressed. */
static gboolean
write_piece (Encoding *encoding, const VarvePiece *piece, GError **error)
{
  const VarveEncodeFile *file = encoding->file;
  VarveExtent content = piece->content;
  gboolean is_written, is_padding;
  if (!try_to_go_on (encoding, content, &is_written, error) || is_written)
    return is_written;
  if (!are_zeros (encoding->context, content, &is_padding, error))
    return FALSE;
  if (!is_padding && (!try_to_go_on_nearly (encoding, content, &is_written, error) || is_written))
    return is_written;
  if (content.size_bytes < UNIT_MIN_BYTES || is_padding)
    return write_data (encoding, content, error);
  VarveWanted wanted = {
    .names = file->names,
    .name = piece->name,
    .role = file->anatomy != NULL ? file->anatomy->role : NULL,
    .preferred = encoding->counterpart.file,
    .size_bytes = content.size_bytes,
    .hash = piece->hash,
  };
  if (content.at == file->content.at && content.size_bytes == file->content.size_bytes)
    wanted.hash = file->hash;
  else if (piece->name != NULL && piece->hash == 0
           && !varve_extent_file_hash (encoding->context->new_spool, content, encoding->context->cancellable,
                                       &wanted.hash, error))
    return FALSE;
  const VarveUnit *unit = varve_sources_find (encoding->context->sources, &wanted, encoding->kind);
  return unit != NULL ? write_pair (encoding, unit, content, error) : write_data (encoding, content, error);
}

/* Copies what stands together, a section or a compressed stream, if the old image has it as it is. */
static gboolean
try_whole (Encoding *encoding, const VarvePiece *piece, gboolean *out_written, GError **error)
{
  if (!try_to_go_on (encoding, piece->content, out_written, error) || *out_written)
    return *out_written;
  const VarveUnit *unit
      = varve_sources_find_equal (encoding->context->sources, piece->hash, piece->content.size_bytes, encoding->kind);
  if (unit == NULL)
    return TRUE;
  return are_equal (encoding->context, unit->content, piece->content.at, out_written, error)
         && (!*out_written || write_equal (encoding, unit, error));
}

/* With the size of the output, so that deltas can be merged; a recipe that has no room for it is written without. */
static gboolean
write_encode (Encoding *encoding, const VarvePiece *piece, GError **error)
{
  g_autofree char *sized = g_strdup_printf ("%s;" VARVE_TARDIFF_RECIPE_BYTES "=%" G_GUINT64_FORMAT, piece->recipe,
                                            piece->content.size_bytes);
  const char *recipe = strlen (sized) <= VARVE_TARDIFF_RECIPE_MAX_BYTES ? sized : piece->recipe;
  return varve_tardiff_writer_encode (encoding->writer, recipe, error);
}

static gboolean
write_begin (Encoding *encoding, const VarvePiece *piece, guint *index, GError **error)
{
  const gboolean *skips = encoding->file->skips;
  gboolean is_opaque = encoding->kind == VARVE_SOURCES_PLAIN || (skips != NULL && skips[*index]);
  gboolean is_written;
  if (!try_whole (encoding, piece, &is_written, error))
    return FALSE;
  if (is_written || is_opaque)
    *index = piece->end;
  if (is_written)
    return TRUE;
  return is_opaque ? write_piece (encoding, piece, error) : write_encode (encoding, piece, error);
}

static gboolean
write_section (Encoding *encoding, const VarvePiece *piece, guint *index, GError **error)
{
  gboolean is_written;
  if (!try_whole (encoding, piece, &is_written, error))
    return FALSE;
  if (is_written)
    *index = piece->end;
  return TRUE;
}

/* The number of pieces from @index on that are matched together: sections of one piece, and what is between them. */
static guint
count_stretch (const GArray *pieces, guint index, VarveExtent *out_content)
{
  guint n = 0, n_sections = 0;
  *out_content = (VarveExtent){ 0 };
  for (; index + n < pieces->len; n++)
    {
      const VarvePiece *piece = &g_array_index (pieces, VarvePiece, index + n);
      gboolean is_section = piece->kind == VARVE_PIECE_SECTION && piece->end == index + n + 1;
      if ((!is_section && piece->kind != VARVE_PIECE_RAW) || piece->content.size_bytes > STRETCH_PIECE_MAX_BYTES
          || out_content->size_bytes + piece->content.size_bytes > STRETCH_MAX_BYTES)
        break;
      out_content->at = n == 0 ? piece->content.at : out_content->at;
      out_content->size_bytes += is_section ? 0 : piece->content.size_bytes;
      n_sections += is_section;
    }
  return n_sections > 0 ? n : 0;
}

/* Where the bytes of the new file at @at are in the old one, if sections between have the same sizes: counted from the
 * end where only the end is left, else from where the last ops ended. */
static guint64
place_in_old (const Encoding *encoding, guint64 at)
{
  const VarveUnit *old = &encoding->counterpart;
  guint64 left = encoding->file->content.size_bytes - at;
  if (at == 0)
    return 0;
  if (encoding->open != NULL && is_same_stream (encoding->open, old))
    return MIN (varve_tardiff_writer_position (encoding->writer), old->content.size_bytes);
  return old->content.size_bytes - MIN (left, old->content.size_bytes);
}

static gboolean
write_stretch (Encoding *encoding, VarveExtent content, GError **error)
{
  VarveUnit *old = &encoding->counterpart;
  const VarveEncodeContext *context = encoding->context;
  guint64 place = place_in_old (encoding, content.at - encoding->file->content.at);
  guint64 from = place - MIN (place, STRETCH_MARGIN_BYTES);
  guint64 to = MIN (place + content.size_bytes + STRETCH_MARGIN_BYTES, old->content.size_bytes);
  VarveExtent window = { .at = old->content.at + from, .size_bytes = to - from };
  g_autofree guint8 *new_data = varve_extent_file_load (context->new_spool, content, error);
  g_autofree guint8 *old_data = new_data != NULL ? varve_extent_file_load (context->old_spool, window, error) : NULL;
  VarveEncodePair pair = {
    .old = old_data, .old_bytes = window.size_bytes, .old_at = from, .new = new_data, .new_bytes = content.size_bytes
  };
  return old_data != NULL && open_unit (encoding, old, error) && varve_encode_match (&pair, encoding->writer, error);
}

/* Writes the piece at *@index, and moves *@index to its last part. */
static gboolean
write_next (Encoding *encoding, guint *index, GError **error)
{
  const GArray *pieces = encoding->file->anatomy->pieces;
  const VarvePiece *piece = &g_array_index (pieces, VarvePiece, *index);
  VarveExtent stretch;
  guint n = encoding->counterpart.file != NULL ? count_stretch (pieces, *index, &stretch) : 0;
  if (n > 0)
    {
      *index += n - 1;
      return write_stretch (encoding, stretch, error);
    }
  switch (piece->kind)
    {
    case VARVE_PIECE_RAW:
      return write_piece (encoding, piece, error);
    case VARVE_PIECE_BEGIN:
      return write_begin (encoding, piece, index, error);
    case VARVE_PIECE_END:
      return varve_tardiff_writer_end (encoding->writer, error);
    case VARVE_PIECE_SECTION:
      return write_section (encoding, piece, index, error);
    }
  g_return_val_if_reached (FALSE);
}

/* By name; for a unified kernel image of another name, the one with the kernel that is chosen for it. */
static void
encoding_find_counterpart (Encoding *encoding)
{
  const VarveEncodeFile *file = encoding->file;
  const VarveSources *sources = encoding->context->sources;
  const VarveImageFile *old = varve_sources_find_file (sources, file->names, file->content.size_bytes);
  for (guint i = 0; i < file->anatomy->pieces->len && old == NULL; i++)
    {
      const VarvePiece *piece = &g_array_index (file->anatomy->pieces, VarvePiece, i);
      VarveWanted wanted = { .names = file->names, .name = piece->name, .size_bytes = piece->content.size_bytes };
      if (piece->kind != VARVE_PIECE_SECTION || strcmp (piece->name, VARVE_PIECE_LINUX) != 0)
        continue;
      const VarveUnit *unit = varve_sources_find (sources, &wanted, VARVE_SOURCES_PLAIN);
      old = unit != NULL && !unit->is_whole ? unit->file : NULL;
    }
  if (old != NULL)
    encoding->counterpart = (VarveUnit){ .file = old,
                                         .file_name = old->names->pdata[0],
                                         .is_whole = TRUE,
                                         .stream_bytes = old->content.size_bytes,
                                         .content = old->content };
}

static gboolean
write_file (Encoding *encoding, GError **error)
{
  const VarveEncodeFile *file = encoding->file;
  VarvePiece whole = { .kind = VARVE_PIECE_RAW, .content = file->content };
  if (file->anatomy == NULL)
    return write_piece (encoding, &whole, error);
  encoding_find_counterpart (encoding);
  for (guint i = 0; i < file->anatomy->pieces->len; i++)
    if (!write_next (encoding, &i, error))
      return FALSE;
  return TRUE;
}

gboolean
varve_encode_plain (const VarveEncodeContext *context, const VarveEncodeFile *file, VarveTardiffWriter *writer,
                    GError **error)
{
  Encoding encoding = { .context = context, .file = file, .kind = VARVE_SOURCES_PLAIN, .writer = writer };
  return write_file (&encoding, error);
}

gboolean
varve_encode_recoded (const VarveEncodeContext *context, const VarveEncodeFile *file, VarveTardiffWriter *writer,
                      GError **error)
{
  Encoding encoding = { .context = context, .file = file, .kind = VARVE_SOURCES_INSIDE, .writer = writer };
  return write_file (&encoding, error);
}
