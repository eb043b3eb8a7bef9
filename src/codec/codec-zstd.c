/* SPDX-License-Identifier: Apache-2.0 */
/* zstd frames as the command-line tool writes them: in the library's threaded mode. One worker gives the same bytes as
 * any number of workers, but not the same as none. Another version of the library gives other bytes. */
#include "codec/codec.h"

#include <string.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"

enum {
  BUFFER_BYTES = 1 << 17, /* the tool reads in pieces of this size, and the output depends on it */
  WINDOW_LOG_MAX = 27,
  HEADER_MAX_BYTES = 18,
};

typedef struct {
  VarveEncoder encoder;
  VarveSink out;
  ZSTD_CCtx *context;
  guint8 *gathered, *buffer;
  gsize n_gathered;
} ZstdEncoder;

static gboolean
zstd_check (gsize result, GError **error)
{
  if (!ZSTD_isError (result))
    return TRUE;
  VarveError code = ZSTD_getErrorCode (result) == ZSTD_error_memory_allocation ? VARVE_ERROR_IO : VARVE_ERROR_CORRUPT;
  g_set_error (error, VARVE_ERROR, code, "zstd: %s", ZSTD_getErrorName (result));
  return FALSE;
}

static gboolean
zstd_set_no_memory (GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO, "zstd: no memory for a context");
  return FALSE;
}

static gboolean
zstd_decode_frame (ZSTD_DCtx *context, const VarveCodecInput *input, const VarveSink *out, guint64 *out_used,
                   GError **error)
{
  g_autofree guint8 *in_buffer = g_malloc (BUFFER_BYTES), *out_buffer = g_malloc (BUFFER_BYTES);
  ZSTD_inBuffer in = { .src = in_buffer };
  gsize pending = 1;
  while (pending != 0)
    {
      if (in.pos == in.size)
        {
          gssize n = input->read (input->data, in_buffer, BUFFER_BYTES, error);
          if (n < 0)
            return FALSE;
          if (n == 0)
            {
              g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "zstd: truncated frame");
              return FALSE;
            }
          in.size = (gsize)n;
          in.pos = 0;
        }
      gsize before = in.pos;
      ZSTD_outBuffer decoded = { .dst = out_buffer, .size = BUFFER_BYTES };
      pending = ZSTD_decompressStream (context, &decoded, &in);
      *out_used += in.pos - before;
      if (!zstd_check (pending, error) || (decoded.pos > 0 && !out->write (out->data, out_buffer, decoded.pos, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
zstd_decode (const VarveCodecInput *input, const VarveSink *out, VarveDecodedStream *out_stream, GError **error)
{
  ZSTD_DCtx *context = ZSTD_createDCtx ();
  *out_stream = (VarveDecodedStream){ 0 };
  if (context == NULL)
    return zstd_set_no_memory (error);
  gboolean done = zstd_check (ZSTD_DCtx_setParameter (context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX), error)
                  && zstd_decode_frame (context, input, out, &out_stream->used_bytes, error);
  ZSTD_freeDCtx (context);
  return done;
}

/* The levels with this window for a stream of unknown size, the common ones first: libzstd's table for the largest
 * sizes. */
static const int *
levels_of_window (guint window_log)
{
  static const int W19[] = { 1, 0 }, W20[] = { 2, 0 }, W21[] = { 3, 6, 5, 4, 7, 8, 0 },
                   W22[] = { 9, 15, 12, 16, 10, 11, 13, 14, 0 };
  static const int W23[] = { 19, 17, 18, 0 }, W25[] = { 20, 0 }, W26[] = { 21, 0 }, W27[] = { 22, 19, 0 };
  static const int ANY[] = { 3, 19, 9, 15, 22, 1, 6, 12, 18, 17, 16, 10, 0 };
  static const int *const TABLE[] = { W19, W20, W21, W22, W23, ANY, W25, W26, W27 };
  return window_log >= 19 && window_log <= 27 ? TABLE[window_log - 19] : ANY;
}

static GPtrArray *
zstd_guess (const guint8 *head, gsize head_bytes, guint64 plain_bytes)
{
  GPtrArray *recipes = g_ptr_array_new_with_free_func (g_free);
  if (head_bytes < HEADER_MAX_BYTES || (head[4] & 0x0b) != 0) /* a dictionary, or reserved bits */
    return recipes;
  gboolean is_single = (head[4] & 0x20) != 0;
  gboolean has_size = is_single || (head[4] >> 6) != 0;
  gboolean has_checksum = (head[4] & 4) != 0;
  const int *levels = levels_of_window (is_single || has_size ? 0 : 10u + (head[5] >> 3));
  for (int workers = 1; workers >= 0; workers--)
    for (guint i = 0; levels[i] != 0 && (workers == 1 || i < 3); i++)
      g_ptr_array_add (recipes,
                       g_strdup_printf ("zstd;version=%s;level=%d;workers=%d;checksum=%d;size=%" G_GUINT64_FORMAT,
                                        ZSTD_versionString (), levels[i], workers, has_checksum,
                                        has_size ? plain_bytes + 1 : 0));
  return recipes;
}

static gboolean
zstd_feed (ZstdEncoder *self, ZSTD_EndDirective mode, GError **error)
{
  ZSTD_inBuffer in = { .src = self->gathered, .size = self->n_gathered };
  gsize left;
  do
    {
      ZSTD_outBuffer out = { .dst = self->buffer, .size = BUFFER_BYTES };
      left = ZSTD_compressStream2 (self->context, &out, &in, mode);
      if (!zstd_check (left, error) || (out.pos > 0 && !self->out.write (self->out.data, self->buffer, out.pos, error)))
        return FALSE;
    }
  while (in.pos < in.size || (mode != ZSTD_e_continue && left > 0));
  self->n_gathered = 0;
  return TRUE;
}

static gboolean
zstd_write (VarveEncoder *encoder, const void *data, gsize size_bytes, GError **error)
{
  ZstdEncoder *self = (ZstdEncoder *)encoder;
  const guint8 *next = data;
  while (size_bytes > 0)
    {
      if (self->n_gathered == BUFFER_BYTES && !zstd_feed (self, ZSTD_e_continue, error))
        return FALSE;
      gsize n = MIN (size_bytes, BUFFER_BYTES - self->n_gathered);
      memcpy (self->gathered + self->n_gathered, next, n);
      self->n_gathered += n;
      next += n;
      size_bytes -= n;
    }
  return TRUE;
}

static gboolean
zstd_finish (VarveEncoder *encoder, GError **error)
{
  return zstd_feed ((ZstdEncoder *)encoder, ZSTD_e_end, error);
}

/* A worker has no output before the end of a job, which is four windows long. */
static gboolean
zstd_flush (VarveEncoder *encoder, GError **error)
{
  return zstd_feed ((ZstdEncoder *)encoder, ZSTD_e_flush, error);
}

static void
zstd_free (VarveEncoder *encoder)
{
  ZstdEncoder *self = (ZstdEncoder *)encoder;
  ZSTD_freeCCtx (self->context);
  g_free (self->gathered);
  g_free (self->buffer);
  g_free (self);
}

static gboolean
zstd_check_version (const char *recipe, GError **error)
{
  g_autofree char *version = varve_recipe_text (recipe, "version");
  if (g_strcmp0 (version, ZSTD_versionString ()) == 0)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "needs libzstd %s, found %s",
               version != NULL ? version : "of any version", ZSTD_versionString ());
  return FALSE;
}

static gboolean
zstd_set_parameters (ZSTD_CCtx *context, const char *recipe, GError **error)
{
  guint64 level, workers, checksum, size;
  if (!varve_recipe_number (recipe, "level", 1, 22, &level, error)
      || !varve_recipe_number (recipe, "workers", 0, 1, &workers, error)
      || !varve_recipe_number (recipe, "checksum", 0, 1, &checksum, error)
      || !varve_recipe_number (recipe, "size", 0, VARVE_CODEC_DECODED_MAX_BYTES + 1, &size, error))
    return FALSE;
  return zstd_check (ZSTD_CCtx_setParameter (context, ZSTD_c_compressionLevel, (int)level), error)
         && zstd_check (ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, (int)checksum), error)
         && zstd_check (ZSTD_CCtx_setParameter (context, ZSTD_c_nbWorkers, (int)workers), error)
         && (size == 0 || zstd_check (ZSTD_CCtx_setPledgedSrcSize (context, size - 1), error));
}

static VarveEncoder *
zstd_encoder_new (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out, GError **error)
{
  if (!zstd_check_version (recipe, error))
    return NULL;
  ZstdEncoder *self = g_new0 (ZstdEncoder, 1);
  self->encoder = (VarveEncoder){ .write = zstd_write, .finish = zstd_finish, .flush = zstd_flush, .free = zstd_free };
  self->out = *out;
  self->context = ZSTD_createCCtx ();
  self->gathered = g_malloc (BUFFER_BYTES);
  self->buffer = g_malloc (BUFFER_BYTES);
  if (self->context == NULL)
    zstd_set_no_memory (error);
  else if (zstd_set_parameters (self->context, recipe, error))
    return &self->encoder;
  zstd_free (&self->encoder);
  return NULL;
}

const VarveCodec *
varve_codec_zstd (void)
{
  static const VarveCodec CODEC = {
    .id = VARVE_CODEC_ZSTD,
    .name = "zstd",
    .magic = "\x28\xb5\x2f\xfd",
    .magic_bytes = 4,
    .decode = zstd_decode,
    .guess = zstd_guess,
    .encoder_new = zstd_encoder_new,
  };
  return &CODEC;
}
