/* SPDX-License-Identifier: Apache-2.0 */
/* Which mode of zstd and zlib an input gets.
 *
 * zstd's threaded mode cuts the input into jobs of a fixed size. Its bytes are the same for any number of workers, but
 * differ from those of the plain mode, so the size of the input alone decides between the two. */
#include "emit/compress.h"

#include <errno.h>
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "emit/chunked.h"
#include "emit/gzip-blocks.h"
#include "oci/descriptor.h"

enum {
  OUT_BUFFER_BYTES = 1 << 20,
  ZSTD_WINDOW_LOG = 27,                        /* the largest that importers accept */
  ZSTD_WHOLE_MAX_BYTES = 1 << ZSTD_WINDOW_LOG, /* takes no more memory than the window would */
  ZSTD_WHOLE_LEVEL_MAX = 12,                   /* higher levels are slow, and one call cannot be cancelled */
  ZSTD_JOB_BYTES = 8 << 20,   /* 8 MiB costs below 0.1 % of size against 32, and a quarter of the memory */
  GZIP_WINDOW_BITS = 15 + 16, /* 16: a gzip header */
  GZIP_MEMORY_LEVEL = 8,
  GZIP_UNKNOWN_OS = 255,
};

/* An input that is gathered in memory and compressed in one call, which needs no window of zstd's own. */
typedef struct {
  VarveArena *own_arena;
  guint8 *raw; /* NULL: the input is compressed as it comes */
  gsize raw_bytes, filled;
} Whole;

struct _VarveCompressor {
  VarveCompression compression;
  VarveSink out;
  ZSTD_CCtx *zstd;
  z_stream gzip;
  gboolean gzip_started;
  VarveGzipBlocks *gzip_blocks;
  guint8 *buffer;
  gsize filled;
  Whole whole;
  VarveChunkedWriter *chunked;
  VarveChunkedIndex index; /* set when @has_index */
  gboolean has_index;
};

static const struct {
  const char *name;
  VarveCompression compression;
} KNOWN[] = {
  { "zstd", VARVE_COMPRESSION_ZSTD },
  { "zstd:chunked", VARVE_COMPRESSION_ZSTD_CHUNKED },
  { "gzip", VARVE_COMPRESSION_GZIP },
  { "none", VARVE_COMPRESSION_NONE },
};

gboolean
varve_compression_from_string (const char *name, VarveCompression *out_compression, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (KNOWN); i++)
    if (strcmp (name, KNOWN[i].name) == 0)
      {
        *out_compression = KNOWN[i].compression;
        return TRUE;
      }
  g_autofree char *escaped = varve_escape (name);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
               "'%s' is not a compression: expected zstd, zstd:chunked, gzip or none", escaped);
  return FALSE;
}

const char *
varve_compression_to_string (VarveCompression compression)
{
  for (guint i = 0; i < G_N_ELEMENTS (KNOWN); i++)
    if (KNOWN[i].compression == compression)
      return KNOWN[i].name;
  g_return_val_if_reached ("");
}

int
varve_compression_level_default (VarveCompression compression)
{
  return compression == VARVE_COMPRESSION_GZIP ? VARVE_GZIP_LEVEL_DEFAULT : VARVE_ZSTD_LEVEL_DEFAULT;
}

gboolean
varve_compression_check_level (VarveCompression compression, int level, GError **error)
{
  int max = compression == VARVE_COMPRESSION_GZIP ? 9 : ZSTD_maxCLevel ();
  if (compression == VARVE_COMPRESSION_NONE || (level >= 1 && level <= max))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "compression level %d: expected 1 to %d", level, max);
  return FALSE;
}

const char *
varve_compression_version (VarveCompression compression)
{
  switch (compression)
    {
    case VARVE_COMPRESSION_ZSTD:
    case VARVE_COMPRESSION_ZSTD_CHUNKED:
      return ZSTD_versionString ();
    case VARVE_COMPRESSION_GZIP:
      return zlibVersion ();
    case VARVE_COMPRESSION_NONE:
      break;
    }
  return "";
}

const char *
varve_compression_media_type (VarveCompression compression)
{
  static const char *const TYPES[] = { VARVE_MEDIA_TYPE_LAYER_ZSTD, VARVE_MEDIA_TYPE_LAYER_GZIP, VARVE_MEDIA_TYPE_LAYER,
                                       VARVE_MEDIA_TYPE_LAYER_ZSTD };
  return TYPES[compression];
}

static gboolean
compression_from_media_type (const char *media_type, VarveCompression *out_compression)
{
  static const char *const DOCKER_TYPES[]
      = { VARVE_MEDIA_TYPE_LAYER_DOCKER_ZSTD, VARVE_MEDIA_TYPE_LAYER_DOCKER_GZIP, VARVE_MEDIA_TYPE_LAYER_DOCKER };
  for (int i = VARVE_COMPRESSION_ZSTD; i <= VARVE_COMPRESSION_NONE; i++)
    if (g_str_equal (varve_compression_media_type ((VarveCompression)i), media_type)
        || g_str_equal (DOCKER_TYPES[i], media_type))
      {
        *out_compression = (VarveCompression)i;
        return TRUE;
      }
  return FALSE;
}

gboolean
varve_compression_of_layer (const VarveDescriptor *descriptor, VarveCompression *out_compression)
{
  if (!compression_from_media_type (descriptor->media_type, out_compression))
    return FALSE;
  if (*out_compression == VARVE_COMPRESSION_ZSTD && varve_chunked_index_is_declared (descriptor))
    *out_compression = VARVE_COMPRESSION_ZSTD_CHUNKED;
  return TRUE;
}

gboolean
varve_compression_is_threaded (VarveCompression compression, guint64 raw_bytes)
{
  switch (compression)
    {
    case VARVE_COMPRESSION_ZSTD:
      return raw_bytes >= VARVE_ZSTD_THREADED_MIN_BYTES;
    case VARVE_COMPRESSION_GZIP:
      return raw_bytes >= VARVE_GZIP_THREADED_MIN_BYTES;
    case VARVE_COMPRESSION_ZSTD_CHUNKED:
    case VARVE_COMPRESSION_NONE:
      break;
    }
  return FALSE;
}

static gboolean
zstd_check (size_t result, GError **error)
{
  if (!ZSTD_isError (result))
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "zstd: %s", ZSTD_getErrorName (result));
  return FALSE;
}

static gboolean
whole_start (VarveCompressor *compressor, const VarveCompressOptions *options, gsize raw_bytes, GError **error)
{
  VarveArena *arena = options->arena;
  if (arena == NULL)
    arena = compressor->whole.own_arena = varve_arena_new ();
  compressor->whole.raw = varve_arena_reserve (arena, raw_bytes + ZSTD_compressBound (raw_bytes), error);
  compressor->whole.raw_bytes = raw_bytes;
  return compressor->whole.raw != NULL;
}

static gboolean
zstd_start (VarveCompressor *compressor, const VarveCompressOptions *options, guint64 raw_bytes, GError **error)
{
  ZSTD_CCtx *zstd = compressor->zstd = ZSTD_createCCtx ();
  if (zstd == NULL)
    return varve_set_errno (error, ENOMEM, "zstd: creating a compressor");
  if (!zstd_check (ZSTD_CCtx_setParameter (zstd, ZSTD_c_compressionLevel, options->level), error)
      || !zstd_check (ZSTD_CCtx_setParameter (zstd, ZSTD_c_enableLongDistanceMatching, 1), error)
      || !zstd_check (ZSTD_CCtx_setParameter (zstd, ZSTD_c_windowLog, ZSTD_WINDOW_LOG), error)
      || !zstd_check (ZSTD_CCtx_setPledgedSrcSize (zstd, raw_bytes), error))
    return FALSE;
  if (raw_bytes <= ZSTD_WHOLE_MAX_BYTES && options->level <= ZSTD_WHOLE_LEVEL_MAX
      && !whole_start (compressor, options, (gsize)raw_bytes, error))
    return FALSE;
  if (!varve_compression_is_threaded (VARVE_COMPRESSION_ZSTD, raw_bytes))
    return TRUE;
  return zstd_check (ZSTD_CCtx_setParameter (zstd, ZSTD_c_nbWorkers, (int)MAX (options->workers, 1)), error)
         && zstd_check (ZSTD_CCtx_setParameter (zstd, ZSTD_c_jobSize, ZSTD_JOB_BYTES), error);
}

static gboolean
gzip_start (VarveCompressor *compressor, const VarveCompressOptions *options, guint64 raw_bytes, GError **error)
{
  if (varve_compression_is_threaded (VARVE_COMPRESSION_GZIP, raw_bytes))
    {
      compressor->gzip_blocks = varve_gzip_blocks_new (options->level, MAX (options->workers, 1), &compressor->out);
      return TRUE;
    }
  if (deflateInit2 (&compressor->gzip, options->level, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                    Z_DEFAULT_STRATEGY)
      != Z_OK)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "zlib: cannot compress with level %d", options->level);
      return FALSE;
    }
  compressor->gzip_started = TRUE;
  static gz_header header = { .os = GZIP_UNKNOWN_OS }; /* no name, no time: the same everywhere */
  deflateSetHeader (&compressor->gzip, &header);
  return TRUE;
}

VarveCompressor *
varve_compressor_new (const VarveCompressOptions *options, guint64 raw_bytes, const VarveSink *out, GError **error)
{
  g_autoptr (VarveCompressor) compressor = g_new0 (VarveCompressor, 1);
  compressor->compression = options->compression;
  compressor->out = *out;
  if (options->compression == VARVE_COMPRESSION_NONE)
    return g_steal_pointer (&compressor);
  if (options->compression == VARVE_COMPRESSION_ZSTD_CHUNKED)
    {
      compressor->chunked = varve_chunked_writer_new (options->level, &compressor->out, error);
      return compressor->chunked != NULL ? g_steal_pointer (&compressor) : NULL;
    }
  compressor->buffer = g_malloc (OUT_BUFFER_BYTES);
  if (options->compression == VARVE_COMPRESSION_ZSTD ? !zstd_start (compressor, options, raw_bytes, error)
                                                     : !gzip_start (compressor, options, raw_bytes, error))
    return NULL;
  return g_steal_pointer (&compressor);
}

void
varve_compressor_free (VarveCompressor *compressor)
{
  ZSTD_freeCCtx (compressor->zstd);
  g_clear_pointer (&compressor->whole.own_arena, varve_arena_free);
  g_clear_pointer (&compressor->gzip_blocks, varve_gzip_blocks_free);
  g_clear_pointer (&compressor->chunked, varve_chunked_writer_free);
  if (compressor->gzip_started)
    deflateEnd (&compressor->gzip);
  g_free (compressor->buffer);
  g_free (compressor);
}

static gboolean
flush_buffer (VarveCompressor *compressor, GError **error)
{
  gsize size_bytes = compressor->filled;
  compressor->filled = 0;
  return size_bytes == 0 || compressor->out.write (compressor->out.data, compressor->buffer, size_bytes, error);
}

static gboolean
zstd_run (VarveCompressor *compressor, const void *data, gsize size_bytes, ZSTD_EndDirective directive, GError **error)
{
  ZSTD_inBuffer in = { .src = data, .size = size_bytes };
  for (;;)
    {
      ZSTD_outBuffer out = { .dst = compressor->buffer, .size = OUT_BUFFER_BYTES, .pos = compressor->filled };
      size_t left = ZSTD_compressStream2 (compressor->zstd, &out, &in, directive);
      compressor->filled = out.pos;
      if (!zstd_check (left, error) || (out.pos == out.size && !flush_buffer (compressor, error)))
        return FALSE;
      if (directive == ZSTD_e_continue ? in.pos == in.size : left == 0)
        return TRUE;
    }
}

static gboolean
gzip_run (VarveCompressor *compressor, const void *data, gsize size_bytes, int flush, GError **error)
{
  z_stream *gzip = &compressor->gzip;
  const guint8 *next = data;
  for (;;)
    {
      if (gzip->avail_in == 0 && size_bytes > 0)
        {
          gzip->next_in = (Bytef *)next;
          gzip->avail_in = (uInt)MIN (size_bytes, G_MAXUINT);
          next += gzip->avail_in;
          size_bytes -= gzip->avail_in;
        }
      gzip->next_out = compressor->buffer + compressor->filled;
      gzip->avail_out = (uInt)(OUT_BUFFER_BYTES - compressor->filled);
      int status = deflate (gzip, size_bytes > 0 ? Z_NO_FLUSH : flush);
      compressor->filled = OUT_BUFFER_BYTES - gzip->avail_out;
      if (compressor->filled == OUT_BUFFER_BYTES && !flush_buffer (compressor, error))
        return FALSE;
      if (status == Z_STREAM_END || (flush == Z_NO_FLUSH && gzip->avail_in == 0 && size_bytes == 0))
        return TRUE;
      if (status != Z_OK && status != Z_BUF_ERROR)
        {
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "zlib: deflate failed (%d)", status);
          return FALSE;
        }
    }
}

static gboolean
whole_write (VarveCompressor *compressor, const void *data, gsize size_bytes, GError **error)
{
  Whole *whole = &compressor->whole;
  if (size_bytes > whole->raw_bytes - whole->filled)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
                   "more than the %" G_GSIZE_FORMAT " bytes that were announced", whole->raw_bytes);
      return FALSE;
    }
  if (data != whole->raw + whole->filled)
    memcpy (whole->raw + whole->filled, data, size_bytes);
  whole->filled += size_bytes;
  return TRUE;
}

/* In pieces that stay in a core's cache while they are hashed and written. */
static gboolean
whole_finish (VarveCompressor *compressor, GError **error)
{
  Whole *whole = &compressor->whole;
  guint8 *out = whole->raw + whole->raw_bytes;
  size_t size_bytes
      = ZSTD_compress2 (compressor->zstd, out, ZSTD_compressBound (whole->raw_bytes), whole->raw, whole->filled);
  if (!zstd_check (size_bytes, error))
    return FALSE;
  for (size_t i = 0; i < size_bytes; i += OUT_BUFFER_BYTES)
    if (!compressor->out.write (compressor->out.data, out + i, MIN (size_bytes - i, OUT_BUFFER_BYTES), error))
      return FALSE;
  return TRUE;
}

guint8 *
varve_compressor_borrow (VarveCompressor *compressor, gsize size_bytes)
{
  const Whole *whole = &compressor->whole;
  return whole->raw != NULL && size_bytes <= whole->raw_bytes - whole->filled ? whole->raw + whole->filled : NULL;
}

gboolean
varve_compressor_write (VarveCompressor *compressor, const void *data, gsize size_bytes, GError **error)
{
  switch (compressor->compression)
    {
    case VARVE_COMPRESSION_ZSTD:
      return compressor->whole.raw != NULL ? whole_write (compressor, data, size_bytes, error)
                                           : zstd_run (compressor, data, size_bytes, ZSTD_e_continue, error);
    case VARVE_COMPRESSION_GZIP:
      return compressor->gzip_blocks != NULL
                 ? varve_gzip_blocks_write (compressor->gzip_blocks, data, size_bytes, error)
                 : gzip_run (compressor, data, size_bytes, Z_NO_FLUSH, error);
    case VARVE_COMPRESSION_ZSTD_CHUNKED:
      return varve_chunked_writer_write (compressor->chunked, data, size_bytes, error);
    case VARVE_COMPRESSION_NONE:
      break;
    }
  return compressor->out.write (compressor->out.data, data, size_bytes, error);
}

gboolean
varve_compressor_finish (VarveCompressor *compressor, GError **error)
{
  switch (compressor->compression)
    {
    case VARVE_COMPRESSION_ZSTD:
      return compressor->whole.raw != NULL
                 ? whole_finish (compressor, error)
                 : zstd_run (compressor, NULL, 0, ZSTD_e_end, error) && flush_buffer (compressor, error);
    case VARVE_COMPRESSION_GZIP:
      return compressor->gzip_blocks != NULL
                 ? varve_gzip_blocks_finish (compressor->gzip_blocks, error)
                 : gzip_run (compressor, NULL, 0, Z_FINISH, error) && flush_buffer (compressor, error);
    case VARVE_COMPRESSION_ZSTD_CHUNKED:
      compressor->has_index = varve_chunked_writer_finish (compressor->chunked, &compressor->index, error);
      return compressor->has_index;
    case VARVE_COMPRESSION_NONE:
      break;
    }
  return TRUE;
}

const VarveChunkedIndex *
varve_compressor_index (const VarveCompressor *compressor)
{
  return compressor->has_index ? &compressor->index : NULL;
}
