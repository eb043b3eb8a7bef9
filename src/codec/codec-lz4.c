/* SPDX-License-Identifier: Apache-2.0 */
/* The only user of liblz4. The legacy frame: the magic 0x184c2102, then the size and the compressed bytes of each 8
 * MiB.
 */
#include "codec/codec.h"

#include "config.h"

#if VARVE_HAVE_LZ4

#include <string.h>

#include <lz4.h>
#include <lz4hc.h>

#include "base/error.h"

enum { BLOCK_BYTES = 8 << 20, MAGIC_BYTES = 4 };
#define MAGIC "\x02\x21\x4c\x18"

typedef struct {
  VarveEncoder encoder;
  VarveSink out;
  int level; /* 1: LZ4_compress_default; else of LZ4_compress_HC */
  GByteArray *block;
  char *compressed;
} Lz4Encoder;

/* Reads exactly @size_bytes, or none at the end of the input, where *@out_ended is set. */
static gboolean
lz4_read (const VarveCodecInput *input, guint8 *buffer, gsize size_bytes, gboolean *out_ended, GError **error)
{
  gsize done = 0;
  while (done < size_bytes)
    {
      gssize n = input->read (input->data, buffer + done, size_bytes - done, error);
      if (n < 0)
        return FALSE;
      if (n == 0 && done == 0)
        {
          *out_ended = TRUE;
          return TRUE;
        }
      if (n == 0)
        {
          g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "lz4: truncated stream");
          return FALSE;
        }
      done += (gsize)n;
    }
  *out_ended = FALSE;
  return TRUE;
}

typedef struct {
  const VarveCodecInput *input;
  const VarveSink *out;
  guint8 *compressed, *plain; /* buffers for a block */
} Decoding;

static gboolean
lz4_decode_block (const Decoding *decoding, guint32 size_bytes, gboolean *out_is_last, GError **error)
{
  gboolean ended;
  if (!lz4_read (decoding->input, decoding->compressed, size_bytes, &ended, error))
    return FALSE;
  int n = ended ? -1
                : LZ4_decompress_safe ((const char *)decoding->compressed, (char *)decoding->plain, (int)size_bytes,
                                       BLOCK_BYTES);
  if (n < 0)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "lz4: damaged block");
      return FALSE;
    }
  *out_is_last = n < BLOCK_BYTES;
  return decoding->out->write (decoding->out->data, decoding->plain, (gsize)n, error);
}

static gboolean
lz4_decode (const VarveCodecInput *input, const VarveSink *out, VarveDecodedStream *out_stream, GError **error)
{
  gsize bound = (gsize)LZ4_compressBound (BLOCK_BYTES);
  g_autofree guint8 *in = g_malloc (bound), *plain = g_malloc (BLOCK_BYTES);
  Decoding decoding = { .input = input, .out = out, .compressed = in, .plain = plain };
  gboolean ended, is_last = FALSE;
  if (!lz4_read (input, in, MAGIC_BYTES, &ended, error))
    return FALSE;
  guint64 used = MAGIC_BYTES;
  while (!is_last)
    {
      guint32 size_bytes;
      if (!lz4_read (input, (guint8 *)&size_bytes, sizeof size_bytes, &ended, error))
        return FALSE;
      size_bytes = GUINT32_FROM_LE (size_bytes);
      if (ended || size_bytes > bound) /* the end, or data after the stream */
        break;
      if (!lz4_decode_block (&decoding, size_bytes, &is_last, error))
        return FALSE;
      used += 4 + size_bytes;
    }
  *out_stream = (VarveDecodedStream){ .used_bytes = used };
  return TRUE;
}

static GPtrArray *
lz4_guess (const guint8 *head, gsize head_bytes, guint64 plain_bytes)
{
  static const int LEVELS[] = { 9, 12, 1, 10, 8, 4 };
  GPtrArray *recipes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (LEVELS); i++)
    g_ptr_array_add (recipes, g_strdup_printf ("lz4;version=%s;level=%d", LZ4_versionString (), LEVELS[i]));
  return recipes;
}

static gboolean
lz4_flush_block (Lz4Encoder *self, GError **error)
{
  if (self->block->len == 0)
    return TRUE;
  int bound = LZ4_compressBound (BLOCK_BYTES);
  const char *plain = (const char *)self->block->data;
  int n = self->level == 1 ? LZ4_compress_default (plain, self->compressed, (int)self->block->len, bound)
                           : LZ4_compress_HC (plain, self->compressed, (int)self->block->len, bound, self->level);
  guint32 size_bytes = GUINT32_TO_LE ((guint32)n);
  g_byte_array_set_size (self->block, 0);
  if (n <= 0)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO, "lz4: no memory to compress a block");
      return FALSE;
    }
  return self->out.write (self->out.data, &size_bytes, sizeof size_bytes, error)
         && self->out.write (self->out.data, self->compressed, (gsize)n, error);
}

static gboolean
lz4_write (VarveEncoder *encoder, const void *data, gsize size_bytes, GError **error)
{
  Lz4Encoder *self = (Lz4Encoder *)encoder;
  const guint8 *next = data;
  while (size_bytes > 0)
    {
      gsize n = MIN (size_bytes, BLOCK_BYTES - self->block->len);
      g_byte_array_append (self->block, next, (guint)n);
      next += n;
      size_bytes -= n;
      if (self->block->len == BLOCK_BYTES && !lz4_flush_block (self, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
lz4_finish (VarveEncoder *encoder, GError **error)
{
  return lz4_flush_block ((Lz4Encoder *)encoder, error);
}

static void
lz4_free (VarveEncoder *encoder)
{
  Lz4Encoder *self = (Lz4Encoder *)encoder;
  g_byte_array_unref (self->block);
  g_free (self->compressed);
  g_free (self);
}

static VarveEncoder *
lz4_encoder_new (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out, GError **error)
{
  guint64 level;
  if (!varve_recipe_number (recipe, "level", 1, LZ4HC_CLEVEL_MAX, &level, error)
      || !out->write (out->data, MAGIC, MAGIC_BYTES, error))
    return NULL;
  Lz4Encoder *self = g_new0 (Lz4Encoder, 1);
  self->encoder = (VarveEncoder){ .write = lz4_write, .finish = lz4_finish, .free = lz4_free };
  self->out = *out;
  self->level = (int)level;
  self->block = g_byte_array_new ();
  self->compressed = g_malloc ((gsize)LZ4_compressBound (BLOCK_BYTES));
  return &self->encoder;
}

const VarveCodec *
varve_codec_lz4 (void)
{
  static const VarveCodec CODEC = {
    .id = VARVE_CODEC_LZ4,
    .name = "lz4",
    .magic = MAGIC,
    .magic_bytes = MAGIC_BYTES,
    .decode = lz4_decode,
    .guess = lz4_guess,
    .encoder_new = lz4_encoder_new,
  };
  return &CODEC;
}

#else

const VarveCodec *
varve_codec_lz4 (void)
{
  return NULL;
}

#endif
