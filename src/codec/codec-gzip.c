/* SPDX-License-Identifier: Apache-2.0 */
/* GNU gzip's deflate is not zlib's, so files that gzip made are encoded by running gzip: of 6,249 files of a server it
 * reproduces 6,248, zlib the last one. The encoder does not write the header (name, time): a delta has it as data. */
#include "codec/codec.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>
#include <zlib.h>

#include "base/child.h"
#include "base/error.h"
#include "base/extent-file.h"
#include "codec/gzip-header.h"

enum {
  BUFFER_BYTES = 1 << 16,
  PLAIN_HEADER_BYTES = VARVE_GZIP_HEADER_MIN_BYTES, /* what gzip -n writes */
  TRAILER_BYTES = 8,
};

static gboolean
zlib_set_error (int result, GError **error)
{
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "gzip: zlib: %s", zError (result));
  return FALSE;
}

static gboolean
inflate_member (z_stream *stream, const VarveCodecInput *input, const VarveSink *out, guint64 *out_header_bytes,
                GError **error)
{
  g_autofree guint8 *in_buffer = g_malloc (BUFFER_BYTES), *out_buffer = g_malloc (BUFFER_BYTES);
  int result = Z_OK;
  gboolean is_first = TRUE;
  while (result != Z_STREAM_END)
    {
      if (stream->avail_in == 0)
        {
          gssize n = input->read (input->data, in_buffer, BUFFER_BYTES, error);
          if (n < 0)
            return FALSE;
          if (is_first)
            *out_header_bytes = varve_gzip_header_bytes (in_buffer, (gsize)n);
          is_first = FALSE;
          stream->next_in = in_buffer;
          stream->avail_in = (uInt)n;
        }
      stream->next_out = out_buffer;
      stream->avail_out = BUFFER_BYTES;
      result = inflate (stream, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END)
        {
          if (result == Z_MEM_ERROR)
            return zlib_set_error (result, error);
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "gzip: %s",
                       stream->avail_in == 0 ? "truncated member" : "damaged member");
          return FALSE;
        }
      gsize n = BUFFER_BYTES - stream->avail_out;
      if (n > 0 && !out->write (out->data, out_buffer, n, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
gzip_decode (const VarveCodecInput *input, const VarveSink *out, VarveDecodedStream *out_stream, GError **error)
{
  z_stream stream = { 0 };
  *out_stream = (VarveDecodedStream){ 0 };
  int result = inflateInit2 (&stream, 16 + MAX_WBITS);
  if (result != Z_OK)
    return zlib_set_error (result, error);
  gboolean done = inflate_member (&stream, input, out, &out_stream->header_bytes, error);
  out_stream->used_bytes = stream.total_in;
  inflateEnd (&stream);
  return done;
}

/* The environment of gzip: ours, without its own options and with untranslated messages. */
static char **
gzip_environment (void)
{
  return g_environ_setenv (g_environ_unsetenv (g_get_environ (), "GZIP"), "LC_ALL", "C", TRUE);
}

enum { VERSION_MAX_BYTES = 4096 };

static char *
gzip_ask_version (void)
{
  static const char *const ARGV[] = { "gzip", "--version", NULL };
  g_auto (GStrv) environment = gzip_environment ();
  VarveChildSetup setup = { .argv = ARGV,
                            .environment = (const char *const *)environment,
                            .stdin_fd = -1,
                            .stdout_fd = -1,
                            .max_output_bytes = VERSION_MAX_BYTES };
  g_auto (VarveChildResult) result = { 0 };
  if (!varve_child_run (&setup, &result, NULL, NULL) || result.status != 0)
    return NULL;
  g_autofree char *output = g_strndup (g_bytes_get_data (result.output, NULL), g_bytes_get_size (result.output));
  return g_str_has_prefix (output, "gzip ") ? g_strndup (output + 5, strcspn (output + 5, "\n ;")) : NULL;
}

/* "1.12", the version of the installed GNU gzip; NULL where there is none. */
static const char *
gzip_version (void)
{
  static gsize once;
  static char *version;
  if (g_once_init_enter (&once))
    {
      version = gzip_ask_version ();
      g_once_init_leave (&once, 1);
    }
  return version;
}

static GPtrArray *
gzip_guess (const guint8 *head, gsize head_bytes, guint64 plain_bytes)
{
  static const struct {
    int level;
    const char *option;
  } GZIPS[] = { { 9, "" }, { 6, "" }, { 9, ";rsyncable=1" }, { 6, ";rsyncable=1" }, { 1, "" } };
  static const int ZLIBS[][2] = { { 9, 8 }, { 6, 8 }, { 9, 9 } }; /* level, memory level */
  GPtrArray *recipes = g_ptr_array_new_with_free_func (g_free);
  if (varve_gzip_header_bytes (head, head_bytes) == 0)
    return recipes;
  guint8 xfl = head[8]; /* 2: the best, 4: the fastest */
  for (guint i = 0; i < G_N_ELEMENTS (GZIPS) && gzip_version () != NULL; i++)
    if ((xfl == 2) == (GZIPS[i].level == 9) && (xfl == 4) == (GZIPS[i].level == 1))
      g_ptr_array_add (
          recipes, g_strdup_printf ("gzip;version=%s;level=%d%s", gzip_version (), GZIPS[i].level, GZIPS[i].option));
  for (guint i = 0; i < G_N_ELEMENTS (ZLIBS); i++)
    g_ptr_array_add (
        recipes, g_strdup_printf ("gzip;version=zlib %s;level=%d;memory=%d", zlibVersion (), ZLIBS[i][0], ZLIBS[i][1]));
  return recipes;
}

/* The encoder by zlib: a raw deflate stream, then checksum and size. */

typedef struct {
  VarveEncoder encoder;
  VarveSink out;
  z_stream stream;
  guint8 *buffer;
  uLong checksum;
  guint32 size_bytes;
} ZlibEncoder;

static gboolean
zlib_feed (ZlibEncoder *self, int mode, GError **error)
{
  do
    {
      self->stream.next_out = self->buffer;
      self->stream.avail_out = BUFFER_BYTES;
      deflate (&self->stream, mode);
      gsize n = BUFFER_BYTES - self->stream.avail_out;
      if (n > 0 && !self->out.write (self->out.data, self->buffer, n, error))
        return FALSE;
    }
  while (self->stream.avail_out == 0);
  return TRUE;
}

static gboolean
zlib_write (VarveEncoder *encoder, const void *data, gsize size_bytes, GError **error)
{
  ZlibEncoder *self = (ZlibEncoder *)encoder;
  const guint8 *next = data;
  while (size_bytes > 0)
    {
      uInt n = (uInt)MIN (size_bytes, 1u << 30);
      self->checksum = crc32 (self->checksum, next, n);
      self->size_bytes += n;
      self->stream.next_in = (Bytef *)next;
      self->stream.avail_in = n;
      if (!zlib_feed (self, Z_NO_FLUSH, error))
        return FALSE;
      next += n;
      size_bytes -= n;
    }
  return TRUE;
}

static gboolean
zlib_finish (VarveEncoder *encoder, GError **error)
{
  ZlibEncoder *self = (ZlibEncoder *)encoder;
  guint32 trailer[2] = { GUINT32_TO_LE ((guint32)self->checksum), GUINT32_TO_LE (self->size_bytes) };
  return zlib_feed (self, Z_FINISH, error) && self->out.write (self->out.data, trailer, sizeof trailer, error);
}

static void
zlib_free (VarveEncoder *encoder)
{
  ZlibEncoder *self = (ZlibEncoder *)encoder;
  deflateEnd (&self->stream);
  g_free (self->buffer);
  g_free (self);
}

static VarveEncoder *
zlib_encoder_new (guint64 level, const char *recipe, const VarveSink *out, GError **error)
{
  guint64 memory;
  if (!varve_recipe_number (recipe, "memory", 1, 9, &memory, error))
    return NULL;
  ZlibEncoder *self = g_new0 (ZlibEncoder, 1);
  self->encoder = (VarveEncoder){ .write = zlib_write, .finish = zlib_finish, .free = zlib_free };
  self->out = *out;
  self->buffer = g_malloc (BUFFER_BYTES);
  self->checksum = crc32 (0, NULL, 0);
  int result = deflateInit2 (&self->stream, (int)level, Z_DEFLATED, -MAX_WBITS, (int)memory, Z_DEFAULT_STRATEGY);
  if (result == Z_OK)
    return &self->encoder;
  zlib_set_error (result, error);
  zlib_free (&self->encoder);
  return NULL;
}

/* The encoder by gzip: from one unnamed file to another, since pipes would need a thread. */

typedef struct {
  VarveEncoder encoder;
  VarveSink out;
  guint level;
  gboolean is_rsyncable;
  int in_fd, out_fd;
  GCancellable *cancellable; /* or NULL */
} GzipEncoder;

static gboolean
gzip_write (VarveEncoder *encoder, const void *data, gsize size_bytes, GError **error)
{
  GzipEncoder *self = (GzipEncoder *)encoder;
  const guint8 *next = data;
  while (size_bytes > 0)
    {
      ssize_t n = write (self->in_fd, next, size_bytes);
      if (n < 0 && errno != EINTR)
        return varve_set_errno (error, errno, "writing to a temporary file");
      next += MAX (n, 0);
      size_bytes -= (gsize)MAX (n, 0);
    }
  return TRUE;
}

static gboolean
gzip_run (GzipEncoder *self, GError **error)
{
  char level[] = { '-', (char)('0' + self->level), '\0' };
  const char *argv[] = { "gzip", "-n", "-c", level, self->is_rsyncable ? "--rsyncable" : NULL, NULL };
  g_auto (GStrv) environment = gzip_environment ();
  VarveChildSetup setup = {
    .argv = argv,
    .environment = (const char *const *)environment,
    .stdin_fd = self->in_fd,
    .stdout_fd = self->out_fd,
  };
  g_auto (VarveChildResult) result = { 0 };
  if (!varve_child_run (&setup, &result, self->cancellable, error))
    return FALSE;
  if (result.status == 0)
    return TRUE;
  g_autofree char *messages = varve_escape (g_strstrip (result.messages));
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_IO, "gzip: exit status %d: %s", result.status, messages);
  return FALSE;
}

static gboolean
gzip_finish (VarveEncoder *encoder, GError **error)
{
  GzipEncoder *self = (GzipEncoder *)encoder;
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  if (lseek (self->in_fd, 0, SEEK_SET) < 0)
    return varve_set_errno (error, errno, "reading a temporary file");
  if (!gzip_run (self, error))
    return FALSE;
  for (off_t at = PLAIN_HEADER_BYTES;;)
    {
      ssize_t n = pread (self->out_fd, buffer, BUFFER_BYTES, at);
      if (n < 0 && errno != EINTR)
        return varve_set_errno (error, errno, "reading a temporary file");
      if (n == 0)
        return TRUE;
      if (n > 0 && !self->out.write (self->out.data, buffer, (gsize)n, error))
        return FALSE;
      at += MAX (n, 0);
    }
}

static void
gzip_free (VarveEncoder *encoder)
{
  GzipEncoder *self = (GzipEncoder *)encoder;
  if (self->in_fd >= 0)
    close (self->in_fd);
  if (self->out_fd >= 0)
    close (self->out_fd);
  g_free (self);
}

static VarveEncoder *
gzip_encoder_new (const char *recipe, const VarveEncoderOptions *options, const VarveSink *out, GError **error)
{
  guint64 level, rsyncable = 0;
  g_autofree char *version = varve_recipe_text (recipe, "version"),
                  *rsyncable_text = varve_recipe_text (recipe, "rsyncable");
  if (!varve_recipe_number (recipe, "level", 1, 9, &level, error)
      || (rsyncable_text != NULL && !varve_recipe_number (recipe, "rsyncable", 0, 1, &rsyncable, error)))
    return NULL;
  if (version != NULL && g_str_has_prefix (version, "zlib "))
    return zlib_encoder_new (level, recipe, out, error);
  if (gzip_version () == NULL)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "GNU gzip is not installed");
      return NULL;
    }
  GzipEncoder *self = g_new0 (GzipEncoder, 1);
  self->encoder = (VarveEncoder){ .write = gzip_write, .finish = gzip_finish, .free = gzip_free };
  self->out = *out;
  self->level = (guint)level;
  self->is_rsyncable = rsyncable != 0;
  self->cancellable = options->cancellable;
  self->out_fd = -1;
  self->in_fd = varve_extent_file_open_fd (options->work_path, error);
  if (self->in_fd >= 0)
    self->out_fd = varve_extent_file_open_fd (options->work_path, error);
  if (self->out_fd >= 0)
    return &self->encoder;
  gzip_free (&self->encoder);
  return NULL;
}

const VarveCodec *
varve_codec_gzip (void)
{
  static const VarveCodec CODEC = {
    .id = VARVE_CODEC_GZIP,
    .name = "gzip",
    .magic = "\x1f\x8b\x08",
    .magic_bytes = 3,
    .decode = gzip_decode,
    .guess = gzip_guess,
    .encoder_new = gzip_encoder_new,
  };
  return &CODEC;
}
