/* SPDX-License-Identifier: Apache-2.0 */
/* codec/, delta/op-stream, emit/: a library that has no memory for its state is an error, not a crash. The functions
 * here take the place of the libraries' own. */
#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "codec/codec.h"
#include "delta/op-stream.h"
#include "emit/compress.h"
#include "emit/decompress.h"
#include "oci/descriptor.h"

ZSTD_CCtx *
ZSTD_createCCtx (void)
{
  return NULL;
}

ZSTD_DCtx *
ZSTD_createDCtx (void)
{
  return NULL;
}

int
inflateInit2_ (z_streamp stream, int window_bits, const char *version, int stream_size)
{
  return Z_MEM_ERROR;
}

int
deflateInit2_ (z_streamp stream, int level, int method, int window_bits, int memory_level, int strategy,
               const char *version, int stream_size)
{
  return Z_MEM_ERROR;
}

static gboolean
drop (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  return TRUE;
}

static gssize
read_nothing (gpointer data, void *buffer, gsize size_bytes, GError **error)
{
  return 0;
}

static const VarveSink SINK = { .write = drop };

static void
check_failure (GError *error)
{
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_test_message ("%s", error->message);
  g_error_free (error);
}

static void
test_ops (void)
{
  GError *error = NULL;
  g_autoptr (GInputStream) blob = g_memory_input_stream_new ();
  g_assert_null (varve_op_compressor_new (NULL, 3, 1000, &SINK, &error));
  check_failure (g_steal_pointer (&error));
  g_assert_null (varve_op_decompressor_new (blob, NULL, NULL, &error));
  check_failure (error);
}

static void
test_decoders (void)
{
  static const VarveCodecId CODECS[] = { VARVE_CODEC_GZIP, VARVE_CODEC_ZSTD };
  VarveCodecInput input = { .read = read_nothing };
  for (guint i = 0; i < G_N_ELEMENTS (CODECS); i++)
    {
      GError *error = NULL;
      VarveDecodedStream stream;
      g_assert_false (varve_codec_find (CODECS[i])->decode (&input, &SINK, &stream, &error));
      check_failure (error);
    }
}

static void
test_encoders (void)
{
  g_autofree char *zstd
      = g_strdup_printf ("zstd;version=%s;level=3;workers=1;checksum=1;size=0", ZSTD_versionString ());
  const char *const recipes[] = { zstd, "gzip;version=zlib 1;level=9;memory=8" };
  VarveEncoderOptions options = { 0 };
  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      GError *error = NULL;
      g_assert_null (varve_codec_encoder_new (recipes[i], &options, &SINK, &error));
      check_failure (error);
    }
}

static void
test_layers (void)
{
  static const char *const MEDIA_TYPES[] = { VARVE_MEDIA_TYPE_LAYER_ZSTD, VARVE_MEDIA_TYPE_LAYER_GZIP };
  for (VarveCompression compression = VARVE_COMPRESSION_ZSTD; compression <= VARVE_COMPRESSION_GZIP; compression++)
    {
      GError *error = NULL;
      VarveCompressOptions options = { .compression = compression, .level = 3, .workers = 1 };
      g_autoptr (GInputStream) blob = g_memory_input_stream_new ();
      g_assert_null (varve_compressor_new (&options, 1000, &SINK, &error));
      check_failure (g_steal_pointer (&error));
      g_assert_null (varve_decompressor_new (MEDIA_TYPES[compression], blob, NULL, "layer", &error));
      check_failure (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/no-memory/ops", test_ops);
  g_test_add_func ("/no-memory/decoders", test_decoders);
  g_test_add_func ("/no-memory/encoders", test_encoders);
  g_test_add_func ("/no-memory/layers", test_layers);
  return g_test_run ();
}
