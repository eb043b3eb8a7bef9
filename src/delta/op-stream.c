/* SPDX-License-Identifier: Apache-2.0 */
/* The only user of zstd in this folder. */
#include "delta/op-stream.h"

#include <string.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"

enum {
  BUFFER_BYTES = 1 << 17,
  WINDOW_LOG_MIN = 17,
  LONG_MIN_LOG = 22, /* above it, long-distance matching is on */
};

struct _VarveOpCompressor {
  ZSTD_CCtx *context;
  VarveSink out;
  VarveSink self;
  guint8 *buffer;
};

struct _VarveOpDecompressor {
  ZSTD_DCtx *context;
  GInputStream *blob;
  GCancellable *cancellable;
  guint8 *in_buffer, *out_buffer;
  ZSTD_inBuffer in;
  gsize pending; /* the last result of the decoder: 0 between frames */
  gboolean is_ended;
};

static gboolean
op_stream_check (gsize result, const char *what, GError **error)
{
  if (!ZSTD_isError (result))
    return TRUE;
  VarveError code = ZSTD_getErrorCode (result) == ZSTD_error_memory_allocation ? VARVE_ERROR_IO : VARVE_ERROR_CORRUPT;
  g_set_error (error, VARVE_ERROR, code, "%s: %s", what, ZSTD_getErrorName (result));
  return FALSE;
}

static gboolean
op_stream_set_no_memory (GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_IO, "zstd: no memory for a context");
  return FALSE;
}

static gboolean
op_compressor_sink_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return varve_op_compressor_write (data, bytes, size_bytes, error);
}

VarveOpCompressor *
varve_op_compressor_new (const char *magic, int level, guint64 raw_bytes, const VarveSink *out, GError **error)
{
  g_autoptr (VarveOpCompressor) self = g_new0 (VarveOpCompressor, 1);
  self->context = ZSTD_createCCtx ();
  self->out = *out;
  self->self = (VarveSink){ .write = op_compressor_sink_write, .data = self };
  self->buffer = g_malloc (BUFFER_BYTES);
  int window_log = WINDOW_LOG_MIN;
  while (window_log < VARVE_OP_WINDOW_LOG_MAX && (G_GUINT64_CONSTANT (1) << window_log) < raw_bytes)
    window_log++;
  if (self->context == NULL)
    {
      op_stream_set_no_memory (error);
      return NULL;
    }
  if (!op_stream_check (ZSTD_CCtx_setParameter (self->context, ZSTD_c_compressionLevel, level), "zstd level", error)
      || !op_stream_check (ZSTD_CCtx_setParameter (self->context, ZSTD_c_windowLog, window_log), "zstd window", error)
      || !op_stream_check (ZSTD_CCtx_setParameter (self->context, ZSTD_c_checksumFlag, 1), "zstd checksum", error)
      || (window_log > LONG_MIN_LOG
          && !op_stream_check (ZSTD_CCtx_setParameter (self->context, ZSTD_c_enableLongDistanceMatching, 1),
                               "zstd long", error))
      || (magic != NULL && !out->write (out->data, magic, VARVE_OP_MAGIC_BYTES, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
varve_op_compressor_free (VarveOpCompressor *self)
{
  ZSTD_freeCCtx (self->context);
  g_free (self->buffer);
  g_free (self);
}

const VarveSink *
varve_op_compressor_sink (VarveOpCompressor *self)
{
  return &self->self;
}

static gboolean
op_compressor_feed (VarveOpCompressor *self, ZSTD_inBuffer *in, ZSTD_EndDirective mode, GError **error)
{
  gsize left;
  do
    {
      ZSTD_outBuffer out = { .dst = self->buffer, .size = BUFFER_BYTES };
      left = ZSTD_compressStream2 (self->context, &out, in, mode);
      if (!op_stream_check (left, "compressing", error)
          || !self->out.write (self->out.data, self->buffer, out.pos, error))
        return FALSE;
    }
  while (in->pos < in->size || (mode == ZSTD_e_end && left > 0));
  return TRUE;
}

gboolean
varve_op_compressor_write (VarveOpCompressor *self, const void *data, gsize size_bytes, GError **error)
{
  ZSTD_inBuffer in = { .src = data, .size = size_bytes };
  return size_bytes == 0 || op_compressor_feed (self, &in, ZSTD_e_continue, error);
}

gboolean
varve_op_compressor_finish (VarveOpCompressor *self, GError **error)
{
  ZSTD_inBuffer in = { .src = "" };
  return op_compressor_feed (self, &in, ZSTD_e_end, error);
}

VarveOpDecompressor *
varve_op_decompressor_new (GInputStream *blob, char out_magic[VARVE_OP_MAGIC_BYTES], GCancellable *cancellable,
                           GError **error)
{
  gsize n;
  char magic[VARVE_OP_MAGIC_BYTES] = { 0 };
  if (out_magic != NULL && !g_input_stream_read_all (blob, magic, sizeof magic, &n, cancellable, error))
    return NULL;
  if (out_magic != NULL)
    memcpy (out_magic, magic, sizeof magic);
  g_autoptr (VarveOpDecompressor) self = g_new0 (VarveOpDecompressor, 1);
  self->context = ZSTD_createDCtx ();
  self->blob = g_object_ref (blob);
  self->cancellable = cancellable;
  self->in_buffer = g_malloc (BUFFER_BYTES);
  self->out_buffer = g_malloc (BUFFER_BYTES);
  self->in.src = self->in_buffer;
  if (self->context == NULL)
    {
      op_stream_set_no_memory (error);
      return NULL;
    }
  return op_stream_check (ZSTD_DCtx_setParameter (self->context, ZSTD_d_windowLogMax, VARVE_OP_WINDOW_LOG_MAX),
                          "zstd window", error)
             ? g_steal_pointer (&self)
             : NULL;
}

void
varve_op_decompressor_free (VarveOpDecompressor *self)
{
  ZSTD_freeDCtx (self->context);
  g_object_unref (self->blob);
  g_free (self->in_buffer);
  g_free (self->out_buffer);
  g_free (self);
}

static gboolean
op_decompressor_refill (VarveOpDecompressor *self, GError **error)
{
  gssize n = g_input_stream_read (self->blob, self->in_buffer, BUFFER_BYTES, self->cancellable, error);
  if (n < 0)
    return FALSE;
  self->in.pos = 0;
  self->in.size = (gsize)n;
  self->is_ended = n == 0;
  return TRUE;
}

gboolean
varve_op_decompressor_next (VarveOpDecompressor *self, const guint8 **out_data, gsize *out_bytes, GError **error)
{
  ZSTD_outBuffer out = { .dst = self->out_buffer, .size = BUFFER_BYTES };
  while (out.pos == 0)
    {
      if (self->in.pos == self->in.size && !op_decompressor_refill (self, error))
        return FALSE;
      if (self->is_ended && self->pending == 0)
        break;
      gsize result = ZSTD_decompressStream (self->context, &out, &self->in);
      if (!op_stream_check (result, "decompressing", error))
        return FALSE;
      self->pending = result;
      if (self->is_ended && out.pos == 0 && self->pending != 0)
        {
          g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "truncated stream of ops");
          return FALSE;
        }
    }
  *out_data = self->out_buffer;
  *out_bytes = out.pos;
  return TRUE;
}
