#include "delta/recompress.h"

#include <string.h>

#include "base/error.h"
#include "codec/codec.h"

enum { COMPARED_AT_ONCE = 1 << 16 };

typedef struct {
  GInputStream *blob;
  gboolean differs;
} Comparison;

static gboolean
compare (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Comparison *comparison = data;
  guint8 buffer[COMPARED_AT_ONCE];
  for (gsize at = 0; at < size_bytes; at += COMPARED_AT_ONCE)
    {
      gsize wanted = MIN (size_bytes - at, COMPARED_AT_ONCE), n;
      if (!g_input_stream_read_all (comparison->blob, buffer, wanted, &n, NULL, error))
        return FALSE;
      if (n == wanted && memcmp (buffer, (const guint8 *)bytes + at, n) == 0)
        continue;
      comparison->differs = TRUE;
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "other bytes");
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_to_compressor (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return varve_compressor_write (data, bytes, size_bytes, error);
}

static gboolean
reproduces (const VarveCompressOptions *options, const VarveImage *image, guint layer, VarveExtentFile *spool,
            VarveExtent tar, GCancellable *cancellable)
{
  g_autoptr (GInputStream) blob
      = varve_blobs_open (image->blobs, varve_manifest_layer (image->manifest, layer), cancellable, NULL);
  Comparison comparison = { .blob = blob };
  VarveSink compared = { .write = compare, .data = &comparison };
  g_autoptr (VarveCompressor) compressor
      = blob != NULL ? varve_compressor_new (options, tar.size_bytes, &compared, NULL) : NULL;
  VarveSink sink = { .write = write_to_compressor, .data = compressor };
  char byte;
  return compressor != NULL && varve_extent_file_pour (spool, tar, &sink, NULL)
         && varve_compressor_finish (compressor, NULL) && g_input_stream_read (blob, &byte, 1, NULL, NULL) == 0;
}

static char *
describe (const VarveCompressOptions *options)
{
  if (options->compression == VARVE_COMPRESSION_NONE)
    return g_strdup ("none;");
  const char *name = options->compression == VARVE_COMPRESSION_ZSTD ? "zstd" : "gzip";
  return g_strdup_printf ("%s;version=%s;level=%d", name, varve_compression_version (options->compression),
                          options->level);
}

static gboolean
compression_of (const char *media_type, VarveCompression *out_compression)
{
  for (int i = VARVE_COMPRESSION_ZSTD; i <= VARVE_COMPRESSION_NONE; i++)
    if (g_str_equal (varve_compression_media_type ((VarveCompression)i), media_type))
      {
        *out_compression = (VarveCompression)i;
        return TRUE;
      }
  return FALSE;
}

char *
varve_recompress_find (const VarveImage *image, guint layer, VarveExtentFile *spool, VarveExtent tar,
                       GCancellable *cancellable, GError **error)
{
  static const int LEVELS[] = { 6, 3, 9, 19, 12, 15, 1 };
  VarveCompressOptions options = VARVE_COMPRESS_OPTIONS_INIT;
  if (!compression_of (varve_manifest_layer (image->manifest, layer)->media_type, &options.compression))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (LEVELS) && !g_cancellable_set_error_if_cancelled (cancellable, error); i++)
    {
      options.level = LEVELS[i];
      if (varve_compression_check_level (options.compression, options.level, NULL)
          && reproduces (&options, image, layer, spool, tar, cancellable))
        return describe (&options);
    }
  return NULL;
}

gboolean
varve_recompress_parse (const char *text, const char *media_type, VarveCompressOptions *out_options)
{
  VarveCompressOptions options = VARVE_COMPRESS_OPTIONS_INIT;
  guint64 level = 1;
  if (text == NULL || !compression_of (media_type, &options.compression))
    return FALSE;
  if (options.compression != VARVE_COMPRESSION_NONE && !varve_recipe_number (text, "level", 1, 22, &level, NULL))
    return FALSE;
  options.level = (int)level;
  g_autofree char *expected = describe (&options);
  if (!g_str_equal (text, expected) || !varve_compression_check_level (options.compression, options.level, NULL))
    return FALSE;
  *out_options = options;
  return TRUE;
}
