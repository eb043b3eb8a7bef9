/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with a source, a position in it, and a stack of encoders: docs/delta-format.md. */
#include "delta/replay.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"
#include "codec/codec.h"
#include "codec/recipe-memory.h"
#include "codec/recipe-trial.h"

enum { BUFFER_BYTES = 1 << 17, PIECES_MAX = 1 << 20 };

struct _VarveReplayCache {
  GMutex mutex;
  VarveExtentFile *spool;
  GHashTable *pieces; /* char *: file name and steps -> VarveExtent * */
  guint64 left_bytes;
};

typedef struct _Replay Replay;

/* An open encoder. */
typedef struct {
  VarveEncoder *encoder;
  VarveSink below;
  guint64 in_bytes;
  VarveRecipeMemory memory;
  double seconds_per_byte;
  Replay *replay;
} Stage;

struct _Replay {
  const VarveReplayOptions *options;
  GCancellable *cancellable;
  VarveTardiffReader *reader;
  VarveOldFile source;
  char *source_key; /* NULL: nothing is open */
  guint64 position;
  guint n_steps;
  Stage stages[VARVE_TARDIFF_ENCODERS_MAX];
  guint n_stages;
  VarveSink out;
  guint64 out_bytes;
  double encode_seconds;
  guint8 *old_buffer, *sum_buffer;
};

VarveReplayCache *
varve_replay_cache_new (const char *work_path, GError **error)
{
  VarveExtentFile *spool = varve_extent_file_new (work_path, error);
  if (spool == NULL)
    return NULL;
  VarveReplayCache *cache = g_new0 (VarveReplayCache, 1);
  g_mutex_init (&cache->mutex);
  cache->spool = spool;
  cache->pieces = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, g_free);
  cache->left_bytes = VARVE_REPLAY_DECODED_MAX_BYTES;
  return cache;
}

void
varve_replay_cache_free (VarveReplayCache *cache)
{
  g_mutex_clear (&cache->mutex);
  g_hash_table_unref (cache->pieces);
  varve_extent_file_free (cache->spool);
  g_free (cache);
}

static gboolean
replay_fail (VarveError code, GError **error, const char *message)
{
  g_set_error_literal (error, VARVE_ERROR, code, message);
  return FALSE;
}

/* Writes to the tar. */
static gboolean
replay_emit_tar (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Replay *self = data;
  if (size_bytes > self->options->max_bytes - self->out_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "output exceeds the limit of %" G_GUINT64_FORMAT " bytes",
                   self->options->max_bytes);
      return FALSE;
    }
  self->out_bytes += size_bytes;
  return self->out.write (self->out.data, bytes, size_bytes, error);
}

static gboolean
replay_check_memory (const Replay *self, GError **error)
{
  guint64 bytes = 0;
  for (guint i = 0; i < self->n_stages; i++)
    bytes += varve_recipe_memory_bytes (&self->stages[i].memory, self->stages[i].in_bytes);
  if (bytes <= self->options->max_memory_bytes)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
               "the encoders need more than the limit of %" G_GUINT64_FORMAT " MB of memory",
               self->options->max_memory_bytes / 1000000);
  return FALSE;
}

static gboolean
replay_check_time (const Replay *self, GError **error)
{
  if (self->options->max_cpu_seconds < 0 || self->encode_seconds <= self->options->max_cpu_seconds)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "the encoders take longer than the limit of %g s",
               self->options->max_cpu_seconds);
  return FALSE;
}

static gboolean
stage_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Stage *stage = data;
  stage->in_bytes += size_bytes;
  if (stage->in_bytes > VARVE_CODEC_DECODED_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "input of an encoder exceeds the limit of %llu bytes",
                   VARVE_CODEC_DECODED_MAX_BYTES);
      return FALSE;
    }
  stage->replay->encode_seconds += stage->seconds_per_byte * (double)size_bytes;
  if (!replay_check_time (stage->replay, error)
      || (stage->memory.factor > 0 && !replay_check_memory (stage->replay, error)))
    return FALSE;
  return stage->encoder->write (stage->encoder, bytes, size_bytes, error);
}

static gboolean
replay_emit (Replay *self, const void *bytes, gsize size_bytes, GError **error)
{
  if (self->n_stages == 0)
    return replay_emit_tar (self, bytes, size_bytes, error);
  return stage_write (&self->stages[self->n_stages - 1], bytes, size_bytes, error);
}

static gboolean
replay_encode (Replay *self, const char *recipe, GError **error)
{
  if (self->n_stages == VARVE_TARDIFF_ENCODERS_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %u nested encoders",
                   VARVE_TARDIFF_ENCODERS_MAX);
      return FALSE;
    }
  Stage *stage = &self->stages[self->n_stages];
  Stage *outer = self->n_stages > 0 ? stage - 1 : NULL;
  VarveSink below = { .write = outer != NULL ? stage_write : replay_emit_tar,
                      .data = outer != NULL ? (gpointer)outer : (gpointer)self };
  *stage = (Stage){ .below = below, .memory = varve_recipe_memory (recipe), .replay = self };
  stage->seconds_per_byte = varve_recipe_seconds (recipe, 1);
  self->n_stages++;
  if (replay_check_memory (self, error))
    {
      VarveEncoderOptions options
          = { .work_path = varve_extent_file_folder (self->options->cache->spool), .cancellable = self->cancellable };
      stage->encoder = varve_codec_encoder_new (recipe, &options, &below, error);
    }
  if (stage->encoder != NULL)
    return TRUE;
  self->n_stages--;
  return FALSE;
}

static gboolean
replay_end (Replay *self, GError **error)
{
  if (self->n_stages == 0)
    return replay_fail (VARVE_ERROR_CORRUPT, error, "End without Encode");
  Stage *stage = &self->stages[--self->n_stages];
  gboolean done = stage->encoder->finish (stage->encoder, error);
  g_clear_pointer (&stage->encoder, varve_encoder_free);
  return done;
}

static void
source_close (Replay *self)
{
  varve_old_file_close (&self->source);
  g_clear_pointer (&self->source_key, g_free);
  self->position = 0;
  self->n_steps = 0;
}

static gboolean
replay_open (Replay *self, const char *name, GError **error)
{
  source_close (self);
  if (!varve_old_tree_open (self->options->old, name, &self->source, error))
    return FALSE;
  self->source_key = g_strdup (name);
  return TRUE;
}

/* No file name starts with it. */
#define LAYER_KEY "/"

static gboolean
replay_layer (Replay *self, const VarveDigest *diff_id, GError **error)
{
  source_close (self);
  if (!varve_old_tree_open_layer (self->options->old, diff_id, &self->source, error))
    return FALSE;
  g_autofree char *hex = varve_digest_to_hex (diff_id);
  self->source_key = g_strconcat (LAYER_KEY, hex, NULL);
  return TRUE;
}

typedef struct {
  Replay *self;
  guint64 at, left;
} Piece;

static gssize
piece_read (gpointer data, void *buffer, gsize size_bytes, GError **error)
{
  Piece *piece = data;
  gsize n = (gsize)MIN (size_bytes, piece->left);
  if (g_cancellable_set_error_if_cancelled (piece->self->cancellable, error)
      || !varve_old_file_read (&piece->self->source, piece->at, buffer, n, error))
    return -1;
  piece->at += n;
  piece->left -= n;
  return (gssize)n;
}

static gboolean
source_decode_piece (Replay *self, const VarveOp *op, VarveExtent *out_extent, GError **error)
{
  VarveReplayCache *cache = self->options->cache;
  const VarveCodec *codec = varve_codec_find (op->codec);
  if (codec == NULL)
    return replay_fail (VARVE_ERROR_UNSUPPORTED, error, "Decode with an unknown codec");
  g_mutex_lock (&cache->mutex);
  guint64 max_bytes = MIN (cache->left_bytes, VARVE_CODEC_DECODED_MAX_BYTES);
  guint n_pieces = g_hash_table_size (cache->pieces);
  g_mutex_unlock (&cache->mutex);
  if (n_pieces >= PIECES_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "Decode of more than the limit of %d pieces", PIECES_MAX);
      return FALSE;
    }
  guint64 free_bytes = varve_extent_file_free_bytes (cache->spool);
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (cache->spool, MIN (max_bytes, free_bytes));
  Piece piece = { .self = self, .at = op->piece_at, .left = op->piece_bytes };
  VarveCodecInput input = { .read = piece_read, .data = &piece };
  VarveDecodedStream stream;
  if (!codec->decode (&input, varve_extent_file_writer_sink (writer), &stream, error)
      || !varve_extent_file_writer_finish (writer, out_extent, error))
    {
      if (free_bytes < max_bytes)
        g_prefix_error (error, "decoding a piece with %" G_GUINT64_FORMAT " bytes of disk space left: ", free_bytes);
      return FALSE;
    }
  g_mutex_lock (&cache->mutex);
  cache->left_bytes -= MIN (cache->left_bytes, out_extent->size_bytes);
  g_mutex_unlock (&cache->mutex);
  return TRUE;
}

static gboolean
replay_decode (Replay *self, const VarveOp *op, GError **error)
{
  VarveReplayCache *cache = self->options->cache;
  if (self->source_key == NULL || op->piece_at > self->source.size_bytes
      || op->piece_bytes > self->source.size_bytes - op->piece_at)
    return replay_fail (VARVE_ERROR_CORRUPT, error, "Decode without a source, or beyond its end");
  if (++self->n_steps > VARVE_TARDIFF_ENCODERS_MAX)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT, "more than the limit of %u Decodes in a row",
                   VARVE_TARDIFF_ENCODERS_MAX);
      return FALSE;
    }
  g_autofree char *key = g_strdup_printf ("%s\n%u:%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, self->source_key,
                                          op->codec, op->piece_at, op->piece_bytes);
  VarveExtent extent;
  g_mutex_lock (&cache->mutex);
  const VarveExtent *known = g_hash_table_lookup (cache->pieces, key);
  if (known != NULL)
    extent = *known;
  g_mutex_unlock (&cache->mutex);
  if (known == NULL)
    {
      if (!source_decode_piece (self, op, &extent, error))
        return FALSE;
      g_mutex_lock (&cache->mutex);
      g_hash_table_replace (cache->pieces, g_strdup (key), g_memdup2 (&extent, sizeof extent));
      g_mutex_unlock (&cache->mutex);
    }
  varve_old_file_close (&self->source);
  self->source = (VarveOldFile){ .size_bytes = extent.size_bytes };
  self->source.fd = varve_extent_file_fd (cache->spool, extent.at, &self->source.base);
  g_free (self->source_key);
  self->source_key = g_steal_pointer (&key);
  self->position = 0;
  return TRUE;
}

static gboolean
source_check_left (Replay *self, guint64 size_bytes, GError **error)
{
  if (self->source_key == NULL)
    return replay_fail (VARVE_ERROR_CORRUPT, error, "Copy or AddData without a source");
  if (self->position <= self->source.size_bytes && size_bytes <= self->source.size_bytes - self->position)
    return TRUE;
  return replay_fail (VARVE_ERROR_CORRUPT, error, "Copy or AddData beyond the end of the source");
}

static gboolean
replay_copy (Replay *self, guint64 size_bytes, GError **error)
{
  if (!source_check_left (self, size_bytes, error))
    return FALSE;
  while (size_bytes > 0)
    {
      gsize n = (gsize)MIN (size_bytes, BUFFER_BYTES);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !varve_old_file_read (&self->source, self->position, self->old_buffer, n, error)
          || !replay_emit (self, self->old_buffer, n, error))
        return FALSE;
      self->position += n;
      size_bytes -= n;
    }
  return TRUE;
}

static gboolean
replay_add (Replay *self, guint64 size_bytes, GError **error)
{
  const guint8 *data;
  gsize n;
  if (!source_check_left (self, size_bytes, error))
    return FALSE;
  do
    {
      if (!varve_tardiff_reader_chunk (self->reader, BUFFER_BYTES, &data, &n, error)
          || !varve_old_file_read (&self->source, self->position, self->old_buffer, n, error))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        self->sum_buffer[i] = (guint8)(self->old_buffer[i] + data[i]);
      if (n > 0 && !replay_emit (self, self->sum_buffer, n, error))
        return FALSE;
      self->position += n;
    }
  while (n > 0);
  return TRUE;
}

static gboolean
replay_data (Replay *self, GError **error)
{
  const guint8 *data;
  gsize n;
  do
    if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
        || !varve_tardiff_reader_chunk (self->reader, G_MAXSIZE, &data, &n, error)
        || (n > 0 && !replay_emit (self, data, n, error)))
      return FALSE;
  while (n > 0);
  return TRUE;
}

static gboolean
replay_seek (Replay *self, guint64 position, GError **error)
{
  if (self->source_key == NULL || position > self->source.size_bytes)
    return replay_fail (VARVE_ERROR_CORRUPT, error, "Seek without a source, or beyond its end");
  self->position = position;
  return TRUE;
}

static gboolean
replay_op (Replay *self, const VarveOp *op, GError **error)
{
  switch (op->kind)
    {
    case VARVE_OP_DATA:
      return replay_data (self, error);
    case VARVE_OP_OPEN:
      return replay_open (self, op->text, error);
    case VARVE_OP_COPY:
      return replay_copy (self, op->size_bytes, error);
    case VARVE_OP_ADD:
      return replay_add (self, op->size_bytes, error);
    case VARVE_OP_SEEK:
      return replay_seek (self, op->size_bytes, error);
    case VARVE_OP_DECODE:
      return replay_decode (self, op, error);
    case VARVE_OP_ENCODE:
      return replay_encode (self, op->text, error);
    case VARVE_OP_END:
      return replay_end (self, error);
    case VARVE_OP_LAYER:
      return replay_layer (self, &op->diff_id, error);
    }
  g_return_val_if_reached (FALSE);
}

static gboolean
replay_ops (Replay *self, GError **error)
{
  VarveOp op;
  VarveOpResult result;
  while ((result = varve_tardiff_reader_next (self->reader, &op, error)) == VARVE_OP_RESULT_OP)
    if (!replay_op (self, &op, error))
      return FALSE;
  if (result == VARVE_OP_RESULT_END && self->n_stages > 0)
    return replay_fail (VARVE_ERROR_CORRUPT, error, "Encode without End");
  return result == VARVE_OP_RESULT_END;
}

gboolean
varve_replay (GInputStream *blob, const VarveReplayOptions *options, const VarveSink *out, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (VarveTardiffReader) reader = varve_tardiff_reader_new (blob, cancellable, error);
  if (reader == NULL)
    return FALSE;
  Replay replay = {
    .options = options, .cancellable = cancellable, .reader = reader, .source = VARVE_OLD_FILE_INIT, .out = *out
  };
  replay.old_buffer = g_malloc (BUFFER_BYTES);
  replay.sum_buffer = g_malloc (BUFFER_BYTES);
  gboolean done = replay_ops (&replay, error);
  while (replay.n_stages > 0)
    varve_encoder_free (replay.stages[--replay.n_stages].encoder);
  varve_old_file_close (&replay.source);
  g_free (replay.source_key);
  g_free (replay.old_buffer);
  g_free (replay.sum_buffer);
  return done;
}
