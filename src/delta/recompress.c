/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/recompress.h"

#include <string.h>

#include "base/error.h"
#include "codec/codec.h"

enum { COMPARED_AT_ONCE = 1 << 16 };

typedef struct {
  GInputStream *blob;
  GCancellable *cancellable;
} Comparison;

static gboolean
recompress_set_differs (GError **error)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the compressed bytes differ");
  return FALSE;
}

static gboolean
recompress_compare (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Comparison *comparison = data;
  guint8 buffer[COMPARED_AT_ONCE];
  for (gsize at = 0; at < size_bytes; at += COMPARED_AT_ONCE)
    {
      gsize wanted = MIN (size_bytes - at, COMPARED_AT_ONCE), n;
      if (!g_input_stream_read_all (comparison->blob, buffer, wanted, &n, comparison->cancellable, error))
        return FALSE;
      if (n != wanted || memcmp (buffer, (const guint8 *)bytes + at, n) != 0)
        return recompress_set_differs (error);
    }
  return TRUE;
}

static gboolean
compressor_sink_write (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return varve_compressor_write (data, bytes, size_bytes, error);
}

/* FALSE with CORRUPT where these options give other bytes. */
static gboolean
recompress_check (const VarveCompressOptions *options, const VarveRecompressLayer *layer, GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GInputStream) blob = varve_blobs_open (
      layer->image->blobs, varve_manifest_layer (layer->image->manifest, layer->index), cancellable, error);
  Comparison comparison = { .blob = blob, .cancellable = cancellable };
  VarveSink compared = { .write = recompress_compare, .data = &comparison };
  g_autoptr (VarveCompressor) compressor
      = blob != NULL ? varve_compressor_new (options, layer->tar.size_bytes, &compared, error) : NULL;
  VarveSink sink = { .write = compressor_sink_write, .data = compressor };
  char byte;
  if (compressor == NULL || !varve_extent_file_pour (layer->spool, layer->tar, &sink, error)
      || !varve_compressor_finish (compressor, error))
    return FALSE;
  gssize n = g_input_stream_read (blob, &byte, 1, cancellable, error);
  return n == 0 || (n > 0 && recompress_set_differs (error));
}

static char *
recompress_to_string (const VarveCompressOptions *options)
{
  if (options->compression == VARVE_COMPRESSION_NONE)
    return g_strdup ("none;");
  return g_strdup_printf ("%s;version=%s;level=%d", varve_compression_to_string (options->compression),
                          varve_compression_version (options->compression), options->level);
}

gboolean
varve_recompress_find (const VarveRecompressLayer *layer, char **out_text, GCancellable *cancellable, GError **error)
{
  static const int LEVELS[] = { 6, 3, 9, 19, 12, 15, 1 };
  VarveCompressOptions options = VARVE_COMPRESS_OPTIONS_INIT;
  *out_text = NULL;
  if (!varve_compression_of_layer (varve_manifest_layer (layer->image->manifest, layer->index), &options.compression))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (LEVELS); i++)
    {
      GError *failure = NULL;
      options.level = LEVELS[i];
      if (!varve_compression_check_level (options.compression, options.level, NULL))
        continue;
      if (recompress_check (&options, layer, cancellable, &failure))
        {
          *out_text = recompress_to_string (&options);
          return TRUE;
        }
      if (!varve_codec_error_is_about_data (failure))
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      g_clear_error (&failure);
    }
  return TRUE;
}

gboolean
varve_recompress_parse (const char *text, const VarveDescriptor *descriptor, VarveCompressOptions *out_options)
{
  VarveCompressOptions options = VARVE_COMPRESS_OPTIONS_INIT;
  guint64 level = 1;
  if (text == NULL || !varve_compression_of_layer (descriptor, &options.compression))
    return FALSE;
  if (options.compression != VARVE_COMPRESSION_NONE && !varve_recipe_number (text, "level", 1, 22, &level, NULL))
    return FALSE;
  options.level = (int)level;
  g_autofree char *expected = recompress_to_string (&options);
  if (!g_str_equal (text, expected) || !varve_compression_check_level (options.compression, options.level, NULL))
    return FALSE;
  *out_options = options;
  return TRUE;
}
