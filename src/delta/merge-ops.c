/* SPDX-License-Identifier: Apache-2.0 */
/* A machine like replay.c's, whose sources are not files but scripts, and whose output is ops. */
#include "delta/merge-ops.h"

#include "base/error.h"
#include "base/fasthash.h"
#include "codec/codec.h"
#include "codec/gzip-header.h"
#include "codec/recipe-memory.h"
#include "codec/recipe-trial.h"
#include "delta/replay.h"

enum { CHUNK_BYTES = 1 << 17, PIECES_MAX = 1 << 20 };

/* No layer of the field comes near. */
#define OUTPUT_MAX_BYTES (64ull << 30)

/* The source of the second delta's ops: a window of a script, or a source of the old image. */
typedef struct {
  VarveScriptReader *reader; /* NULL: a source of the old image */
  VarveScriptReader *plain;  /* describes the same bytes without encoders; may be NULL */
  guint64 base, size_bytes;
  guint32 way;
} View;

/* An encoder of the result. */
typedef struct {
  VarveRecipeMemory memory;
  double seconds_per_byte;
  guint64 in_bytes, out_bytes;
} Stage;

/* A piece that was decoded here. */
typedef struct {
  VarveExtentFile *spool;
  VarveExtent content;
  VarveScript *script;
} Decoded;

static void
decoded_free (gpointer data)
{
  Decoded *decoded = data;
  varve_extent_file_forget (decoded->spool, decoded->content);
  g_clear_pointer (&decoded->script, varve_script_free);
  g_free (decoded);
}

typedef struct {
  const VarveMergeOptions *options;
  GCancellable *cancellable;
  VarveTardiffReader *reader;
  VarveTardiffWriter *writer;
  gboolean has_source;
  View view;
  guint64 position;
  guint n_decodes;
  gboolean has_way; /* the source that an applier has open */
  guint32 way;
  Stage stages[VARVE_TARDIFF_ENCODERS_MAX];
  guint n_stages;
  guint64 out_bytes;
  VarveMergeCosts costs;
  GHashTable *decoded; /* char *: codec and place in the spool -> Decoded: pieces that were decoded here */
  guint64 decoded_bytes;
  guint8 *buffer;
} Merging;

static gboolean
merge_fail (VarveError code, GError **error, const char *message)
{
  g_set_error_literal (error, VARVE_ERROR, code, message);
  return FALSE;
}

static void
view_clear (View *view)
{
  g_clear_pointer (&view->reader, varve_script_reader_free);
  g_clear_pointer (&view->plain, varve_script_reader_free);
  *view = (View){ 0 };
}

/* Notes bytes that go to the innermost encoder, as an applier's machine does. */
static gboolean
merge_count (Merging *self, guint64 size_bytes, GError **error)
{
  if (size_bytes > OUTPUT_MAX_BYTES - self->out_bytes)
    return merge_fail (VARVE_ERROR_LIMIT, error, "the ops give more than the limit of 64 GiB");
  self->out_bytes += size_bytes;
  if (self->n_stages == 0)
    return TRUE;
  guint64 memory_bytes = 0;
  Stage *stage = &self->stages[self->n_stages - 1];
  stage->in_bytes += size_bytes;
  self->costs.seconds += stage->seconds_per_byte * (double)size_bytes;
  for (guint i = 0; i < self->n_stages; i++)
    memory_bytes += varve_recipe_memory_bytes (&self->stages[i].memory, self->stages[i].in_bytes);
  self->costs.memory_bytes = MAX (self->costs.memory_bytes, memory_bytes);
  if (memory_bytes <= VARVE_RECIPE_MEMORY_MAX_BYTES)
    return TRUE;
  return merge_fail (VARVE_ERROR_UNSUPPORTED, error, "the encoders of both deltas together need more than 1 GiB");
}

static gboolean
merge_encode (Merging *self, const char *recipe, GError **error)
{
  if (self->options->kind == VARVE_MERGE_PLAIN)
    return merge_fail (VARVE_ERROR_UNSUPPORTED, error, "tar-diff has no encoders");
  if (self->n_stages == VARVE_TARDIFF_ENCODERS_MAX)
    return merge_fail (VARVE_ERROR_UNSUPPORTED, error,
                       "the encoders of both deltas are more than may be within one another");
  Stage *stage = &self->stages[self->n_stages++];
  *stage = (Stage){ .memory = varve_recipe_memory (recipe), .seconds_per_byte = varve_recipe_seconds (recipe, 1) };
  if (!varve_recipe_number (recipe, VARVE_TARDIFF_RECIPE_BYTES, 1, OUTPUT_MAX_BYTES, &stage->out_bytes, NULL))
    stage->out_bytes = 0;
  return merge_count (self, 0, error) && varve_tardiff_writer_encode (self->writer, recipe, error);
}

static gboolean
merge_end (Merging *self, GError **error)
{
  if (self->n_stages == 0)
    return merge_fail (VARVE_ERROR_CORRUPT, error, "End without Encode");
  const Stage *stage = &self->stages[--self->n_stages];
  guint64 out_bytes = stage->out_bytes != 0 ? stage->out_bytes : stage->in_bytes;
  return varve_tardiff_writer_end (self->writer, error) && merge_count (self, out_bytes, error);
}

/* Makes the writer's source that of the old image, at a position. */
static gboolean
merge_select (Merging *self, guint32 way, guint64 position, GError **error)
{
  if (!self->has_way || self->way != way)
    {
      if (!varve_chains_write (self->options->chains, way, self->writer, error))
        return FALSE;
      self->has_way = TRUE;
      self->way = way;
    }
  return varve_tardiff_writer_seek (self->writer, position, error);
}

static void
add_bytes (guint8 *bytes, const guint8 *differences, gsize size_bytes)
{
  for (gsize i = 0; i < size_bytes; i++)
    bytes[i] = (guint8)(bytes[i] + differences[i]);
}

/* Emits bytes of a source, with @differences added where they are not NULL; then there are at most CHUNK_BYTES. */
static gboolean
emit_source (Merging *self, guint32 way, guint64 at, guint64 size_bytes, const guint8 *differences, GError **error)
{
  if (!merge_count (self, size_bytes, error) || !merge_select (self, way, at, error))
    return FALSE;
  return differences == NULL ? varve_tardiff_writer_copy (self->writer, size_bytes, error)
                             : varve_tardiff_writer_add (self->writer, differences, (gsize)size_bytes, error);
}

/* Emits a range of a DATA or ADD part. */
static gboolean
emit_kept (Merging *self, const VarvePart *part, guint64 skip, guint64 size_bytes, const guint8 *differences,
           GError **error)
{
  if (part->kind == VARVE_PART_DATA && !merge_count (self, size_bytes, error))
    return FALSE;
  while (size_bytes > 0)
    {
      gsize n = (gsize)MIN (size_bytes, CHUNK_BYTES);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !varve_extent_file_read (self->options->spool, part->data_at + skip, self->buffer, n, error))
        return FALSE;
      if (differences != NULL)
        add_bytes (self->buffer, differences, n);
      gboolean done = part->kind == VARVE_PART_DATA
                          ? varve_tardiff_writer_data (self->writer, self->buffer, n, error)
                          : emit_source (self, part->way, part->source_at + skip, n, self->buffer, error);
      if (!done)
        return FALSE;
      skip += n;
      size_bytes -= n;
      differences = differences != NULL ? differences + n : NULL;
    }
  return TRUE;
}

typedef struct {
  guint64 at, size_bytes; /* in the script */
  const guint8 *differences;
} Range;

static gboolean emit_range (Merging *self, VarveScriptReader *reader, VarveScriptReader *plain, Range range,
                            GError **error);

/* A part of a stream cannot be had from its encoder: an applier would have to make it and then cut it. */
static gboolean
emit_encoded (Merging *self, const VarvePart *part, VarveScriptReader *plain, Range range, GError **error)
{
  gboolean is_whole = range.at == part->at && range.size_bytes == part->size_bytes && range.differences == NULL;
  if (is_whole && self->options->kind == VARVE_MERGE_OWN)
    {
      g_autoptr (VarveScriptReader) inner = varve_script_reader_new (part->inner);
      Range all = { .size_bytes = varve_script_size_bytes (part->inner) };
      return merge_encode (self, varve_script_recipe (part->inner), error) && emit_range (self, inner, NULL, all, error)
             && merge_end (self, error);
    }
  if (plain != NULL)
    return emit_range (self, plain, NULL, range, error);
  return merge_fail (VARVE_ERROR_UNSUPPORTED, error,
                     "the second delta needs a part of a compressed stream that the first one makes with an encoder");
}

static gboolean
emit_range (Merging *self, VarveScriptReader *reader, VarveScriptReader *plain, Range range, GError **error)
{
  while (range.size_bytes > 0)
    {
      VarvePart part;
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (range.at >= varve_script_size_bytes (varve_script_reader_script (reader)))
        return merge_fail (VARVE_ERROR_CORRUPT, error, "Copy or AddData beyond the end of a layer");
      if (!varve_script_reader_find (reader, range.at, &part, error))
        return FALSE;
      guint64 skip = range.at - part.at, n = MIN (range.size_bytes, part.size_bytes - skip);
      Range here = { .at = range.at, .size_bytes = n, .differences = range.differences };
      gboolean done;
      if (part.kind == VARVE_PART_ENCODED)
        done = emit_encoded (self, &part, plain, here, error);
      else if (part.kind == VARVE_PART_COPY)
        done = emit_source (self, part.way, part.source_at + skip, n, range.differences, error);
      else
        done = emit_kept (self, &part, skip, n, range.differences, error);
      if (!done)
        return FALSE;
      range.at += n;
      range.size_bytes -= n;
      range.differences = range.differences != NULL ? range.differences + n : NULL;
    }
  return TRUE;
}

/* Emits what follows in the source. */
static gboolean
merge_take (Merging *self, guint64 size_bytes, const guint8 *differences, GError **error)
{
  const View *view = &self->view;
  guint64 at = self->position;
  if (!self->has_source)
    return merge_fail (VARVE_ERROR_CORRUPT, error, "Copy or AddData without a source");
  if (size_bytes > G_MAXINT64 - at)
    return merge_fail (VARVE_ERROR_CORRUPT, error, "Copy or AddData beyond the end of the source");
  self->position += size_bytes;
  if (view->reader == NULL)
    return emit_source (self, view->way, at, size_bytes, differences, error);
  if (at > view->size_bytes || size_bytes > view->size_bytes - at)
    return merge_fail (VARVE_ERROR_CORRUPT, error, "Copy or AddData beyond the end of the source");
  Range range = { .at = view->base + at, .size_bytes = size_bytes, .differences = differences };
  return emit_range (self, view->reader, view->plain, range, error);
}

static gboolean
merge_add (Merging *self, GError **error)
{
  const guint8 *data;
  gsize n;
  do
    {
      if (!varve_tardiff_reader_chunk (self->reader, CHUNK_BYTES, &data, &n, error)
          || (n > 0 && !merge_take (self, n, data, error)))
        return FALSE;
    }
  while (n > 0);
  return TRUE;
}

static gboolean
merge_data (Merging *self, GError **error)
{
  const guint8 *data;
  gsize n;
  do
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
        || !varve_tardiff_reader_chunk (self->reader, G_MAXSIZE, &data, &n, error) || !merge_count (self, n, error)
        || !varve_tardiff_writer_data (self->writer, data, n, error))
      return FALSE;
  while (n > 0);
  return TRUE;
}

/* The source becomes one of the old image. */
static gboolean
view_follow (Merging *self, guint32 from, const VarveOp *op, GError **error)
{
  GError *failure = NULL;
  guint32 way;
  if (!varve_chains_follow (self->options->chains, from, op, &way, &failure))
    {
      if (g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_LIMIT))
        failure->code = VARVE_ERROR_UNSUPPORTED; /* each delta may be within the limits */
      g_propagate_prefixed_error (error, failure, "a source of both deltas: ");
      return FALSE;
    }
  view_clear (&self->view);
  self->view.way = way;
  return TRUE;
}

static gboolean
merge_open (Merging *self, const VarveOp *op, GError **error)
{
  const VarveMiddleImage *middle = self->options->middle;
  VarveMiddleFile file = op->kind == VARVE_OP_OPEN ? middle->find_file (middle->data, op->text)
                                                   : middle->find_layer (middle->data, &op->diff_id);
  self->has_source = TRUE;
  self->position = 0;
  self->n_decodes = 0;
  if (file.layer == NULL)
    return view_follow (self, 0, op, error);
  gboolean is_own = self->options->kind == VARVE_MERGE_OWN && file.layer->own != NULL;
  const VarveScript *first = is_own ? file.layer->own : file.layer->plain;
  view_clear (&self->view);
  if (first == NULL)
    return merge_fail (VARVE_ERROR_UNSUPPORTED, error, "the first delta has no tar-diff of a layer that is needed");
  self->view.reader = varve_script_reader_new (first);
  if (is_own && file.layer->plain != NULL)
    self->view.plain = varve_script_reader_new (file.layer->plain);
  self->view.base = file.content.at;
  self->view.size_bytes = file.content.size_bytes;
  return TRUE;
}

typedef struct {
  Merging *self;
  guint64 at, left;
} Known;

static gssize
known_read (gpointer data, void *buffer, gsize size_bytes, GError **error)
{
  Known *known = data;
  gsize n = (gsize)MIN (size_bytes, known->left);
  if (g_cancellable_set_error_if_cancelled (known->self->cancellable, error)
      || !varve_extent_file_read (known->self->options->spool, known->at, buffer, n, error))
    return -1;
  known->at += n;
  known->left -= n;
  return (gssize)n;
}

static gboolean
decode_piece (Merging *self, const VarveOp *op, guint64 data_at, VarveExtent *out_content, GError **error)
{
  const VarveCodec *codec = varve_codec_find (op->codec);
  if (codec == NULL)
    return merge_fail (VARVE_ERROR_UNSUPPORTED, error, "Decode with a codec that is not known here");
  if (g_hash_table_size (self->decoded) >= PIECES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "Decode of more than the limit of %d pieces", PIECES_MAX);
      return FALSE;
    }
  VarveExtentFile *spool = self->options->spool;
  guint64 max_bytes = MIN (varve_extent_file_free_bytes (spool), VARVE_CODEC_DECODED_MAX_BYTES);
  max_bytes = MIN (max_bytes, VARVE_REPLAY_DECODED_MAX_BYTES - self->decoded_bytes);
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (spool, max_bytes);
  Known known = { .self = self, .at = data_at, .left = op->piece_bytes };
  VarveCodecInput input = { .read = known_read, .data = &known };
  VarveDecodedStream stream;
  return codec->decode (&input, varve_extent_file_writer_sink (writer), &stream, error)
         && varve_extent_file_writer_finish (writer, out_content, error);
}

/* Decodes here, once, a piece that the first delta has as it is. */
static gboolean
decode_known (Merging *self, const VarveOp *op, guint64 data_at, GError **error)
{
  g_autofree char *key
      = g_strdup_printf ("%u:%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, op->codec, data_at, op->piece_bytes);
  Decoded *decoded = g_hash_table_lookup (self->decoded, key);
  if (decoded == NULL)
    {
      VarveExtent content;
      if (!decode_piece (self, op, data_at, &content, error))
        return FALSE;
      decoded = g_new0 (Decoded, 1);
      decoded->spool = self->options->spool;
      decoded->content = content;
      self->decoded_bytes += content.size_bytes;
      g_hash_table_insert (self->decoded, g_steal_pointer (&key), decoded);
      decoded->script = varve_script_new_known (self->options->spool, content, error);
    }
  if (decoded->script == NULL)
    return FALSE;
  view_clear (&self->view);
  self->view.reader = varve_script_reader_new (decoded->script);
  self->view.size_bytes = decoded->content.size_bytes;
  return TRUE;
}

static gboolean
recipe_is_of (const char *recipe, guint8 codec)
{
  static const char *const NAMES[] = {
    [VARVE_CODEC_XZ] = "xz;", [VARVE_CODEC_GZIP] = "gzip;", [VARVE_CODEC_ZSTD] = "zstd;", [VARVE_CODEC_LZ4] = "lz4;"
  };
  return codec < G_N_ELEMENTS (NAMES) && NAMES[codec] != NULL && g_str_has_prefix (recipe, NAMES[codec]);
}

/* Whether the part at the front of a piece is the header that gzip's encoder does not write, with the encoder behind
 * it. */
static gboolean
find_behind_header (Merging *self, const VarvePart *header, guint64 at, VarvePart *out_part, gboolean *out_found,
                    GError **error)
{
  VarveScriptReader *reader = self->view.reader;
  guint64 end = header->at + header->size_bytes, size_bytes = end - at;
  *out_found = FALSE;
  if (size_bytes > CHUNK_BYTES || end >= varve_script_size_bytes (varve_script_reader_script (reader)))
    return TRUE;
  gboolean is_header = size_bytes == VARVE_GZIP_HEADER_MIN_BYTES;
  if (!is_header && header->kind == VARVE_PART_DATA)
    {
      guint64 data_at = header->data_at + (at - header->at);
      if (!varve_extent_file_read (self->options->spool, data_at, self->buffer, (gsize)size_bytes, error))
        return FALSE;
      is_header = varve_gzip_header_bytes (self->buffer, (gsize)size_bytes) == size_bytes;
    }
  if (!is_header || !varve_script_reader_find (reader, end, out_part, error))
    return !is_header;
  *out_found = out_part->kind == VARVE_PART_ENCODED;
  return TRUE;
}

/* Looks for the piece in what one script says. */
static gboolean
decode_in_script (Merging *self, const VarveOp *op, gboolean *out_found, GError **error)
{
  VarvePart part;
  guint64 at = self->view.base + op->piece_at;
  *out_found = TRUE;
  if (at >= varve_script_size_bytes (varve_script_reader_script (self->view.reader)))
    return merge_fail (VARVE_ERROR_CORRUPT, error, "Decode beyond the end of a layer");
  if (!varve_script_reader_find (self->view.reader, at, &part, error))
    return FALSE;
  guint64 skip = at - part.at;
  gboolean is_inside = op->piece_bytes <= part.size_bytes - skip;
  if (part.kind == VARVE_PART_COPY && is_inside)
    {
      VarveOp old = *op;
      old.piece_at = part.source_at + skip;
      return view_follow (self, part.way, &old, error);
    }
  if (part.kind == VARVE_PART_DATA && is_inside)
    return decode_known (self, op, part.data_at + skip, error);
  gboolean is_stream = part.kind == VARVE_PART_ENCODED && skip == 0;
  if (op->codec == VARVE_CODEC_GZIP && part.kind != VARVE_PART_ENCODED
      && !find_behind_header (self, &part, at, &part, &is_stream, error))
    return FALSE;
  *out_found = is_stream && recipe_is_of (varve_script_recipe (part.inner), op->codec);
  if (!*out_found)
    return TRUE;
  view_clear (&self->view);
  self->view.reader = varve_script_reader_new (part.inner);
  self->view.size_bytes = varve_script_size_bytes (part.inner);
  return TRUE;
}

static gboolean
merge_decode (Merging *self, const VarveOp *op, GError **error)
{
  View *view = &self->view;
  if (!self->has_source)
    return merge_fail (VARVE_ERROR_CORRUPT, error, "Decode without a source");
  if (++self->n_decodes > VARVE_TARDIFF_ENCODERS_MAX)
    return merge_fail (VARVE_ERROR_LIMIT, error, "more than the limit of Decodes in a row");
  self->position = 0;
  if (view->reader == NULL)
    return view_follow (self, view->way, op, error);
  if (op->piece_at >= view->size_bytes || op->piece_bytes > view->size_bytes - op->piece_at)
    return merge_fail (VARVE_ERROR_CORRUPT, error, "Decode beyond the end of the source");
  gboolean is_found;
  if (!decode_in_script (self, op, &is_found, error))
    return FALSE;
  if (!is_found && view->plain != NULL)
    {
      varve_script_reader_free (view->reader);
      view->reader = g_steal_pointer (&view->plain);
      if (!decode_in_script (self, op, &is_found, error))
        return FALSE;
    }
  return is_found
         || merge_fail (VARVE_ERROR_UNSUPPORTED, error,
                        "the second delta decodes a stream of which the first one has only differences");
}

static gboolean
merge_op (Merging *self, const VarveOp *op, GError **error)
{
  switch (op->kind)
    {
    case VARVE_OP_DATA:
      return merge_data (self, error);
    case VARVE_OP_ADD:
      return merge_add (self, error);
    case VARVE_OP_COPY:
      return merge_take (self, op->size_bytes, NULL, error);
    case VARVE_OP_OPEN:
    case VARVE_OP_LAYER:
      return merge_open (self, op, error);
    case VARVE_OP_DECODE:
      return merge_decode (self, op, error);
    case VARVE_OP_SEEK:
      self->position = op->size_bytes;
      return TRUE;
    case VARVE_OP_ENCODE:
      return merge_encode (self, op->text, error);
    case VARVE_OP_END:
      return merge_end (self, error);
    }
  g_return_val_if_reached (FALSE);
}

static gboolean
merge_all (Merging *self, GError **error)
{
  VarveOp op;
  VarveOpResult result;
  while ((result = varve_tardiff_reader_next (self->reader, &op, error)) == VARVE_OP_RESULT_OP)
    if (!merge_op (self, &op, error))
      return FALSE;
  if (result == VARVE_OP_RESULT_END && self->n_stages > 0)
    return merge_fail (VARVE_ERROR_CORRUPT, error, "Encode without End");
  return result == VARVE_OP_RESULT_END;
}

gboolean
varve_merge_ops (GInputStream *blob, const VarveMergeOptions *options, VarveTardiffWriter *writer,
                 VarveMergeCosts *out_costs, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveTardiffReader) reader = varve_tardiff_reader_new (blob, cancellable, error);
  if (reader == NULL)
    return FALSE;
  g_autoptr (GHashTable) decoded = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, decoded_free);
  g_autofree guint8 *buffer = g_malloc (CHUNK_BYTES);
  Merging merging = { .options = options,
                      .cancellable = cancellable,
                      .reader = reader,
                      .writer = writer,
                      .decoded = decoded,
                      .buffer = buffer };
  gboolean done = merge_all (&merging, error);
  view_clear (&merging.view);
  *out_costs = merging.costs;
  return done;
}
