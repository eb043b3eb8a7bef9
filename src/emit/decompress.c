/* SPDX-License-Identifier: Apache-2.0 */
/* Members and frames are counted here rather than by the libraries, because existing readers differ in what they do
 * after the first one. */
#include "emit/decompress.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"
#include "base/limits.h"
#include "oci/descriptor.h"

enum {
  INPUT_BYTES = 1 << 17,
  ZSTD_MAGIC_BYTES = 4,
  GZIP_WINDOW_BITS = 15 + 16, /* the largest window, gzip framing only: zlib.h, inflateInit2 */
};

typedef enum { AT_START, INSIDE, AFTER_LAST } State;

struct _VarveDecompressor {
  gssize (*read) (VarveDecompressor *self, guint8 *buffer, gsize size_bytes, GError **error);
  GInputStream *blob;
  GCancellable *cancellable;
  VarveFindings *findings;
  char *place;

  guint8 *input;
  gsize input_at, input_end;
  gboolean input_is_over;
  State state;
  gboolean allows_members;
  guint units; /* members or frames started, without skippable ones */
  z_stream zlib;
  ZSTD_DCtx *zstd;
  gboolean is_skippable; /* of the current frame */
  VarveFrameWatch watch;

  VarveHash *compressed, *raw;
  guint64 compressed_bytes, raw_bytes;
};

static gboolean
decompress_fail (GError **error, const char *message)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, message);
  return FALSE;
}

/* Makes @wanted bytes of input available, or as many as are left. */
static gboolean
fill (VarveDecompressor *self, gsize wanted, GError **error)
{
  if (self->input_at > 0 && self->input_end - self->input_at < wanted)
    {
      memmove (self->input, self->input + self->input_at, self->input_end - self->input_at);
      self->input_end -= self->input_at;
      self->input_at = 0;
    }
  while (self->input_end - self->input_at < wanted && !self->input_is_over)
    {
      gssize n = g_input_stream_read (self->blob, self->input + self->input_end, INPUT_BYTES - self->input_end,
                                      self->cancellable, error);
      if (n < 0)
        return FALSE;
      self->input_is_over = n == 0;
      varve_hash_update (self->compressed, self->input + self->input_end, (gsize)n);
      self->input_end += (gsize)n;
      self->compressed_bytes += (guint64)n;
    }
  return TRUE;
}

static gsize
available (const VarveDecompressor *self)
{
  return self->input_end - self->input_at;
}

/* Only hashes the rest. */
static gboolean
skip_rest (VarveDecompressor *self, GError **error)
{
  while (available (self) > 0)
    {
      self->input_at = self->input_end;
      if (!fill (self, 1, error))
        return FALSE;
    }
  self->state = AFTER_LAST;
  return TRUE;
}

static gboolean
skip_trailing (VarveDecompressor *self, GError **error)
{
  varve_findings_add (self->findings, VARVE_SEVERITY_ERROR, "compression.trailing-data", self->place,
                      "data after the end of the compressed stream, from byte %" G_GUINT64_FORMAT,
                      self->compressed_bytes - available (self));
  return skip_rest (self, error);
}

static gssize
read_plain (VarveDecompressor *self, guint8 *buffer, gsize size_bytes, GError **error)
{
  if (!fill (self, 1, error))
    return -1;
  gsize n = MIN (size_bytes, available (self));
  memcpy (buffer, self->input + self->input_at, n);
  self->input_at += n;
  return (gssize)n;
}

static gboolean
begin_member (VarveDecompressor *self, GError **error)
{
  static const guint8 GZIP_MAGIC[] = { 0x1f, 0x8b };
  if (!fill (self, sizeof GZIP_MAGIC, error))
    return FALSE;
  if (self->units > 0 && available (self) == 0)
    {
      self->state = AFTER_LAST;
      return TRUE;
    }
  if (available (self) < sizeof GZIP_MAGIC || memcmp (self->input + self->input_at, GZIP_MAGIC, sizeof GZIP_MAGIC) != 0)
    return self->units > 0 ? skip_trailing (self, error) : decompress_fail (error, "not gzip data");
  if (++self->units == 2)
    varve_findings_add (
        self->findings, self->allows_members ? VARVE_SEVERITY_NOTE : VARVE_SEVERITY_ERROR, "gzip.members", self->place,
        self->allows_members ? "more than one gzip member: importers of bootable images stop after the first"
                             : "more than one gzip member: importers silently stop after the first");
  self->state = INSIDE;
  return inflateReset (&self->zlib) == Z_OK || decompress_fail (error, "zlib cannot start");
}

static gboolean
inflate_some (VarveDecompressor *self, GError **error)
{
  if (!fill (self, 1, error))
    return FALSE;
  if (available (self) == 0)
    return decompress_fail (error, "the gzip data is truncated");
  self->zlib.next_in = self->input + self->input_at;
  self->zlib.avail_in = (uInt)available (self);
  int result = inflate (&self->zlib, Z_NO_FLUSH);
  self->input_at = self->input_end - self->zlib.avail_in;
  if (result == Z_MEM_ERROR)
    return varve_set_errno (error, ENOMEM, "zlib: decompressing");
  if (result == Z_STREAM_END)
    self->state = AT_START;
  else if (result != Z_OK && result != Z_BUF_ERROR)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "corrupt gzip data: %s",
                   self->zlib.msg != NULL ? self->zlib.msg : "no reason given");
      return FALSE;
    }
  return TRUE;
}

static gssize
read_gzip (VarveDecompressor *self, guint8 *buffer, gsize size_bytes, GError **error)
{
  self->zlib.next_out = buffer;
  self->zlib.avail_out = (uInt)MIN (size_bytes, G_MAXINT);
  uInt asked = self->zlib.avail_out;
  while (self->state != AFTER_LAST && self->zlib.avail_out == asked)
    if (!(self->state == AT_START ? begin_member (self, error) : inflate_some (self, error)))
      return -1;
  return (gssize)(asked - self->zlib.avail_out);
}

static gboolean
begin_frame (VarveDecompressor *self, GError **error)
{
  if (!fill (self, ZSTD_MAGIC_BYTES, error))
    return FALSE;
  if (self->units > 0 && available (self) == 0)
    {
      self->state = AFTER_LAST;
      return TRUE;
    }
  guint32 magic = 0;
  if (available (self) >= ZSTD_MAGIC_BYTES)
    {
      memcpy (&magic, self->input + self->input_at, sizeof magic);
      magic = GUINT32_FROM_LE (magic);
    }
  self->is_skippable = (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
  gboolean is_watched = self->watch.frame != NULL;
  if (is_watched)
    self->watch.frame (self->watch.data, self->compressed_bytes - available (self), self->raw_bytes);
  VarveFindings *findings = is_watched ? NULL : self->findings;
  if (self->is_skippable)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "zstd.skippable-frame", self->place,
                        "a skippable frame: bootc before 1.1.7 may hang on it");
  else if (magic != ZSTD_MAGICNUMBER)
    return self->units > 0 ? skip_trailing (self, error) : decompress_fail (error, "not zstd data");
  else if (++self->units == 2)
    varve_findings_add (findings, VARVE_SEVERITY_NOTE, "zstd.frames", self->place, "more than one zstd frame");
  self->state = INSIDE;
  return TRUE;
}

static gboolean
decompress_some (VarveDecompressor *self, ZSTD_outBuffer *out, GError **error)
{
  if (!fill (self, 1, error))
    return FALSE;
  ZSTD_inBuffer in = { .src = self->input + self->input_at, .size = available (self) };
  gsize written = out->pos;
  size_t result = ZSTD_decompressStream (self->zstd, out, &in);
  if (self->is_skippable && self->watch.skippable != NULL)
    self->watch.skippable (self->watch.data, self->compressed_bytes - available (self), in.src, in.pos);
  self->input_at += in.pos;
  if (ZSTD_getErrorCode (result) == ZSTD_error_memory_allocation)
    return varve_set_errno (error, ENOMEM, "zstd: decompressing");
  if (ZSTD_isError (result))
    {
      gboolean window = ZSTD_getErrorCode (result) == ZSTD_error_frameParameter_windowTooLarge;
      g_set_error (error, VARVE_ERROR, window ? VARVE_ERROR_LIMIT : VARVE_ERROR_CORRUPT, "%s",
                   window ? "the zstd window is larger than 2^27 bytes" : ZSTD_getErrorName (result));
      if (!window)
        g_prefix_error (error, "corrupt zstd data: ");
      return FALSE;
    }
  if (result == 0)
    self->state = AT_START;
  else if (in.size == 0 && out->pos == written)
    return decompress_fail (error, "the zstd data is truncated");
  return TRUE;
}

static gssize
read_zstd (VarveDecompressor *self, guint8 *buffer, gsize size_bytes, GError **error)
{
  ZSTD_outBuffer out = { .dst = buffer, .size = size_bytes };
  while (self->state != AFTER_LAST && out.pos == 0)
    if (!(self->state == AT_START ? begin_frame (self, error) : decompress_some (self, &out, error)))
      return -1;
  return (gssize)out.pos;
}

static gboolean
choose (VarveDecompressor *self, const char *media_type, GError **error)
{
  if (strcmp (media_type, VARVE_MEDIA_TYPE_LAYER) == 0 || strcmp (media_type, VARVE_MEDIA_TYPE_LAYER_DOCKER) == 0)
    self->read = read_plain;
  else if (strcmp (media_type, VARVE_MEDIA_TYPE_LAYER_GZIP) == 0
           || strcmp (media_type, VARVE_MEDIA_TYPE_LAYER_DOCKER_GZIP) == 0)
    {
      if (inflateInit2 (&self->zlib, GZIP_WINDOW_BITS) != Z_OK)
        return varve_set_errno (error, ENOMEM, "zlib: creating a decompressor");
      self->read = read_gzip;
    }
  else if (strcmp (media_type, VARVE_MEDIA_TYPE_LAYER_ZSTD) == 0
           || strcmp (media_type, VARVE_MEDIA_TYPE_LAYER_DOCKER_ZSTD) == 0)
    {
      self->zstd = ZSTD_createDCtx ();
      if (self->zstd == NULL)
        return varve_set_errno (error, ENOMEM, "zstd: creating a decompressor");
      if (ZSTD_isError (ZSTD_DCtx_setParameter (self->zstd, ZSTD_d_windowLogMax, VARVE_ZSTD_WINDOW_LOG_MAX)))
        return decompress_fail (error, "libzstd cannot start");
      self->read = read_zstd;
    }
  else
    {
      g_autofree char *escaped = varve_escape (media_type);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "media type '%s': not a layer", escaped);
      return FALSE;
    }
  return TRUE;
}

VarveDecompressor *
varve_decompressor_new (const char *media_type, GInputStream *blob, VarveFindings *findings, const char *place,
                        GError **error)
{
  g_autoptr (VarveDecompressor) self = g_new0 (VarveDecompressor, 1);
  *self = (VarveDecompressor){
    .blob = g_object_ref (blob),
    .findings = findings,
    .place = g_strdup (place),
    .input = g_malloc (INPUT_BYTES),
    .compressed = varve_hash_new (),
    .raw = varve_hash_new (),
  };
  return choose (self, media_type, error) ? g_steal_pointer (&self) : NULL;
}

void
varve_decompressor_free (VarveDecompressor *self)
{
  if (self->read == read_gzip)
    inflateEnd (&self->zlib);
  ZSTD_freeDCtx (self->zstd);
  g_object_unref (self->blob);
  g_clear_object (&self->cancellable);
  g_free (self->place);
  g_free (self->input);
  varve_hash_free (self->compressed);
  varve_hash_free (self->raw);
  g_free (self);
}

void
varve_decompressor_set_cancellable (VarveDecompressor *self, GCancellable *cancellable)
{
  g_set_object (&self->cancellable, cancellable);
}

void
varve_decompressor_watch (VarveDecompressor *self, const VarveFrameWatch *watch)
{
  self->watch = *watch;
}

void
varve_decompressor_allow_members (VarveDecompressor *self)
{
  self->allows_members = TRUE;
}

gssize
varve_decompressor_read (VarveDecompressor *self, void *buffer, gsize size_bytes, GError **error)
{
  gssize n = self->read (self, buffer, size_bytes, error);
  if (n < 0)
    return -1;
  self->raw_bytes += (guint64)n;
  if (self->raw_bytes > VARVE_LAYER_MAX_BYTES)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "the layer is larger than the limit of %" G_GUINT64_FORMAT " bytes", VARVE_LAYER_MAX_BYTES);
      return -1;
    }
  varve_hash_update (self->raw, buffer, (gsize)n);
  return n;
}

gboolean
varve_decompressor_finish (VarveDecompressor *self, VarveDecompressed *out_sums, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (INPUT_BYTES);
  gssize n;
  do
    n = varve_decompressor_read (self, buffer, INPUT_BYTES, error);
  while (n > 0);
  if (n < 0)
    return FALSE;
  *out_sums = (VarveDecompressed){
    .digest = varve_hash_finish (self->compressed),
    .size_bytes = self->compressed_bytes,
    .diff_id = varve_hash_finish (self->raw),
    .raw_bytes = self->raw_bytes,
  };
  return TRUE;
}
