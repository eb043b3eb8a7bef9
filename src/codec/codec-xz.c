/* SPDX-License-Identifier: Apache-2.0 */
/* The only user of liblzma. A block header with sizes was written by the threaded encoder (with any number of threads),
 * one without sizes by the other. The preset is not in the stream, so it is guessed. */
#include "codec/codec.h"

#include "config.h"

#if VARVE_HAVE_LZMA

#include <string.h>

#include <lzma.h>

#include "base/error.h"

enum {
  BUFFER_BYTES = 1 << 16,
  MEMORY_MAX_BYTES = 256 << 20, /* xz -9 decodes in 65 MiB */
  DICTIONARY_MAX_BYTES = 64 << 20,
  SLOW_BLOCK_BYTES
  = 16 << 20, /* the threaded encoder has no output before the end of a block, so wrong guesses are slow */
  SLOW_GUESSES_MAX = 3,
};

typedef struct {
  VarveEncoder encoder;
  VarveSink out;
  lzma_stream stream;
  guint8 *buffer;
} XzEncoder;

static gboolean
xz_set_error (GError **error, lzma_ret result)
{
  VarveError code = VARVE_ERROR_CORRUPT;
  if (result == LZMA_MEMLIMIT_ERROR)
    code = VARVE_ERROR_LIMIT;
  else if (result == LZMA_MEM_ERROR)
    code = VARVE_ERROR_IO;
  g_set_error (error, VARVE_ERROR, code, "xz: liblzma returned error %d", (int)result);
  return FALSE;
}

static gboolean
xz_run (lzma_stream *stream, lzma_action action, guint8 *buffer, const VarveSink *out, lzma_ret *out_result,
        GError **error)
{
  stream->next_out = buffer;
  stream->avail_out = BUFFER_BYTES;
  *out_result = lzma_code (stream, action);
  gsize n = BUFFER_BYTES - stream->avail_out;
  if (*out_result != LZMA_OK && *out_result != LZMA_STREAM_END && *out_result != LZMA_BUF_ERROR)
    return xz_set_error (error, *out_result);
  return n == 0 || out->write (out->data, buffer, n, error);
}

static gboolean
xz_decode_stream (lzma_stream *stream, const VarveCodecInput *input, const VarveSink *out, GError **error)
{
  g_autofree guint8 *in_buffer = g_malloc (BUFFER_BYTES), *out_buffer = g_malloc (BUFFER_BYTES);
  gboolean is_ended = FALSE;
  for (;;)
    {
      if (stream->avail_in == 0 && !is_ended)
        {
          gssize n = input->read (input->data, in_buffer, BUFFER_BYTES, error);
          if (n < 0)
            return FALSE;
          is_ended = n == 0;
          stream->next_in = in_buffer;
          stream->avail_in = (gsize)n;
        }
      lzma_ret result;
      if (!xz_run (stream, is_ended ? LZMA_FINISH : LZMA_RUN, out_buffer, out, &result, error))
        return FALSE;
      if (result == LZMA_STREAM_END)
        return TRUE;
      if (result == LZMA_BUF_ERROR && is_ended)
        return xz_set_error (error, result);
    }
}

static gboolean
xz_decode (const VarveCodecInput *input, const VarveSink *out, VarveDecodedStream *out_stream, GError **error)
{
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret result = lzma_stream_decoder (&stream, MEMORY_MAX_BYTES, 0);
  gboolean done = result == LZMA_OK ? xz_decode_stream (&stream, input, out, error) : xz_set_error (error, result);
  *out_stream = (VarveDecodedStream){ .used_bytes = stream.total_in };
  lzma_end (&stream);
  return done;
}

typedef struct {
  gboolean is_threaded, has_x86;
  lzma_check check;
  guint32 dictionary_bytes;
  guint64 block_bytes; /* plain size of the first block; 0 when the header lacks it */
} Header;

static void
filters_free (lzma_filter *filters)
{
  for (guint i = 0; filters[i].id != LZMA_VLI_UNKNOWN; i++)
    free (filters[i].options);
}

static gboolean
header_read_filters (const lzma_filter *filters, Header *header)
{
  guint i = 0;
  if (filters[0].id == LZMA_FILTER_X86)
    {
      const lzma_options_bcj *options = filters[0].options;
      if (options != NULL && options->start_offset != 0)
        return FALSE;
      header->has_x86 = TRUE;
      i++;
    }
  if (filters[i].id != LZMA_FILTER_LZMA2 || filters[i + 1].id != LZMA_VLI_UNKNOWN)
    return FALSE;
  header->dictionary_bytes = ((const lzma_options_lzma *)filters[i].options)->dict_size;
  return header->dictionary_bytes <= DICTIONARY_MAX_BYTES;
}

static gboolean
header_read (const guint8 *head, gsize head_bytes, Header *header)
{
  lzma_stream_flags flags;
  lzma_filter filters[LZMA_FILTERS_MAX + 1];
  const guint8 *at = head + LZMA_STREAM_HEADER_SIZE;
  if (head_bytes < LZMA_STREAM_HEADER_SIZE + LZMA_BLOCK_HEADER_SIZE_MAX
      || lzma_stream_header_decode (&flags, head) != LZMA_OK || at[0] == 0)
    return FALSE;
  lzma_block block = { .check = flags.check, .filters = filters, .header_size = lzma_block_header_size_decode (at[0]) };
  if (lzma_block_header_decode (&block, NULL, at) != LZMA_OK)
    return FALSE;
  *header = (Header){ .is_threaded = block.compressed_size != LZMA_VLI_UNKNOWN, .check = flags.check };
  header->block_bytes = block.uncompressed_size != LZMA_VLI_UNKNOWN ? block.uncompressed_size : 0;
  gboolean known = header_read_filters (filters, header);
  filters_free (filters);
  return known;
}

/* Possible block sizes. They decide the width of the size fields in the header. */
static GArray *
guess_block_sizes (const Header *header, guint64 plain_bytes)
{
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 usual = MAX (3ull * header->dictionary_bytes, 1ull << 20);
  if (!header->is_threaded)
    usual = 0;
  else if (header->block_bytes < plain_bytes)
    usual = header->block_bytes;
  g_array_append_val (sizes, usual);
  for (guint64 size = 1ull << 20; header->is_threaded && header->block_bytes == plain_bytes && size <= 1ull << 30;
       size <<= 5)
    if (size != usual && size >= plain_bytes)
      g_array_append_val (sizes, size);
  return sizes;
}

static char *
recipe_to_string (const Header *header, guint32 preset, guint64 block_bytes)
{
  return g_strdup_printf ("xz;version=%s;threaded=%d;block=%" G_GUINT64_FORMAT
                          ";check=%d;preset=%u;extreme=%d;dictionary=%u;x86=%d",
                          lzma_version_string (), header->is_threaded, block_bytes, (int)header->check, preset & 31,
                          (preset & LZMA_PRESET_EXTREME) != 0, header->dictionary_bytes, header->has_x86);
}

static GPtrArray *
xz_guess (const guint8 *head, gsize head_bytes, guint64 plain_bytes)
{
  static const guint32 PRESETS[] = { 6, 9, 6 | LZMA_PRESET_EXTREME, 9 | LZMA_PRESET_EXTREME, 8, 7, 5, 4, 3, 2, 1, 0 };
  static const guint8 DICTIONARY_LOG[] = { 18, 20, 21, 22, 22, 23, 23, 24, 25, 26 };
  GPtrArray *recipes = g_ptr_array_new_with_free_func (g_free);
  Header header;
  if (!header_read (head, head_bytes, &header))
    return recipes;
  g_autoptr (GArray) sizes = guess_block_sizes (&header, plain_bytes);
  gboolean is_slow
      = header.is_threaded && plain_bytes > SLOW_BLOCK_BYTES && g_array_index (sizes, guint64, 0) > SLOW_BLOCK_BYTES;
  for (guint pass = 0; pass < 2; pass++) /* first the presets with this dictionary size */
    for (guint i = 0; i < G_N_ELEMENTS (PRESETS); i++)
      for (guint k = 0; k < sizes->len; k++)
        {
          gboolean fits = 1u << DICTIONARY_LOG[PRESETS[i] & 31] == header.dictionary_bytes || PRESETS[i] == 6;
          if (fits != (pass == 0) || (is_slow && recipes->len >= SLOW_GUESSES_MAX))
            continue;
          g_ptr_array_add (recipes, recipe_to_string (&header, PRESETS[i], g_array_index (sizes, guint64, k)));
        }
  return recipes;
}

static gboolean
xz_write (VarveEncoder *encoder, const void *data, gsize size_bytes, GError **error)
{
  XzEncoder *self = (XzEncoder *)encoder;
  lzma_ret result;
  self->stream.next_in = data;
  self->stream.avail_in = size_bytes;
  while (self->stream.avail_in > 0)
    if (!xz_run (&self->stream, LZMA_RUN, self->buffer, &self->out, &result, error))
      return FALSE;
  return TRUE;
}

static gboolean
xz_finish (VarveEncoder *encoder, GError **error)
{
  XzEncoder *self = (XzEncoder *)encoder;
  lzma_ret result = LZMA_OK;
  while (result != LZMA_STREAM_END)
    if (!xz_run (&self->stream, LZMA_FINISH, self->buffer, &self->out, &result, error))
      return FALSE;
  return TRUE;
}

static void
xz_free (VarveEncoder *encoder)
{
  XzEncoder *self = (XzEncoder *)encoder;
  lzma_end (&self->stream);
  g_free (self->buffer);
  g_free (self);
}

typedef struct {
  guint64 threaded, block, check, preset, extreme, dictionary, x86;
} Recipe;

static gboolean
recipe_parse (const char *recipe, Recipe *out, GError **error)
{
  return varve_recipe_number (recipe, "threaded", 0, 1, &out->threaded, error)
         && varve_recipe_number (recipe, "block", 0, 1ull << 30, &out->block, error)
         && varve_recipe_number (recipe, "check", 0, LZMA_CHECK_ID_MAX, &out->check, error)
         && varve_recipe_number (recipe, "preset", 0, 9, &out->preset, error)
         && varve_recipe_number (recipe, "extreme", 0, 1, &out->extreme, error)
         && varve_recipe_number (recipe, "dictionary", LZMA_DICT_SIZE_MIN, DICTIONARY_MAX_BYTES, &out->dictionary,
                                 error)
         && varve_recipe_number (recipe, "x86", 0, 1, &out->x86, error);
}

static VarveEncoder *
xz_encoder_new (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out, GError **error)
{
  Recipe r;
  lzma_options_lzma filter_options;
  if (!recipe_parse (recipe, &r, error))
    return NULL;
  lzma_lzma_preset (&filter_options, (guint32)r.preset | (r.extreme ? LZMA_PRESET_EXTREME : 0));
  filter_options.dict_size = (guint32)r.dictionary;
  lzma_filter filters[3] = { { .id = LZMA_FILTER_X86 } };
  filters[r.x86] = (lzma_filter){ .id = LZMA_FILTER_LZMA2, .options = &filter_options };
  filters[r.x86 + 1] = (lzma_filter){ .id = LZMA_VLI_UNKNOWN };
  lzma_mt threaded = { .threads = 1, .block_size = r.block, .filters = filters, .check = (lzma_check)r.check };
  XzEncoder *self = g_new0 (XzEncoder, 1);
  self->encoder = (VarveEncoder){ .write = xz_write, .finish = xz_finish, .free = xz_free };
  self->out = *out;
  self->buffer = g_malloc (BUFFER_BYTES);
  lzma_ret result = r.threaded ? lzma_stream_encoder_mt (&self->stream, &threaded)
                               : lzma_stream_encoder (&self->stream, filters, (lzma_check)r.check);
  if (result == LZMA_OK)
    return &self->encoder;
  xz_set_error (error, result);
  xz_free (&self->encoder);
  return NULL;
}

const VarveCodec *
varve_codec_xz (void)
{
  static const VarveCodec CODEC = {
    .id = VARVE_CODEC_XZ,
    .name = "xz",
    .magic = "\xfd"
             "7zXZ",
    .magic_bytes = 6,
    .decode = xz_decode,
    .guess = xz_guess,
    .encoder_new = xz_encoder_new,
  };
  return &CODEC;
}

#else

const VarveCodec *
varve_codec_xz (void)
{
  return NULL;
}

#endif
