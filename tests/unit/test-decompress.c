/* SPDX-License-Identifier: Apache-2.0 */
/* emit/decompress: the sums, and every way in which a blob can be more or less than one stream. */
#include "emit/decompress.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "oci/descriptor.h"

static GByteArray *
gzip_of (const char *text)
{
  guint8 buffer[4096];
  z_stream stream
      = { .next_in = (guint8 *)text, .avail_in = (uInt)strlen (text), .next_out = buffer, .avail_out = sizeof buffer };
  g_assert_cmpint (deflateInit2 (&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  deflateEnd (&stream);
  GByteArray *bytes = g_byte_array_new ();
  return g_byte_array_append (bytes, buffer, (guint)stream.total_out);
}

static GByteArray *
zstd_of (const char *text)
{
  guint8 buffer[4096];
  gsize n = ZSTD_compress (buffer, sizeof buffer, text, strlen (text), 3);
  g_assert_false (ZSTD_isError (n));
  GByteArray *bytes = g_byte_array_new ();
  return g_byte_array_append (bytes, buffer, (guint)n);
}

static GByteArray *
plain_of (const char *text)
{
  GByteArray *bytes = g_byte_array_new ();
  return g_byte_array_append (bytes, (const guint8 *)text, (guint)strlen (text));
}

static const struct {
  const char *media_type;
  GByteArray *(*compress) (const char *text);
} KINDS[] = {
  { VARVE_MEDIA_TYPE_LAYER, plain_of },     { VARVE_MEDIA_TYPE_LAYER_DOCKER, plain_of },
  { VARVE_MEDIA_TYPE_LAYER_GZIP, gzip_of }, { VARVE_MEDIA_TYPE_LAYER_DOCKER_GZIP, gzip_of },
  { VARVE_MEDIA_TYPE_LAYER_ZSTD, zstd_of }, { "application/vnd.docker.image.rootfs.diff.tar.zstd", zstd_of },
};

/* What comes out, in reads of @step bytes; NULL with @error. */
static char *
read_all (GByteArray *bytes, const char *media_type, gsize step, VarveFindings *findings, VarveDecompressed *out_sums,
          GError **error)
{
  g_autoptr (GInputStream) blob = g_memory_input_stream_new_from_data (bytes->data, bytes->len, NULL);
  g_autoptr (VarveDecompressor) decompressor = varve_decompressor_new (media_type, blob, findings, "layer 1", error);
  if (decompressor == NULL)
    return NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[64];
  gssize n;
  while ((n = varve_decompressor_read (decompressor, buffer, step, error)) > 0)
    g_string_append_len (text, buffer, n);
  if (n < 0 || !varve_decompressor_finish (decompressor, out_sums, error))
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_sums (void)
{
  static const char TEXT[] = "the same bytes, the same bytes, the same bytes, and an end";
  for (guint i = 0; i < G_N_ELEMENTS (KINDS); i++)
    for (gsize step = 1; step <= 64; step += 21)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (VarveFindings) findings = varve_findings_new ();
        g_autoptr (GByteArray) bytes = KINDS[i].compress (TEXT);
        VarveDecompressed sums;
        g_autofree char *text = read_all (bytes, KINDS[i].media_type, step, findings, &sums, &error);
        g_assert_no_error (error);
        g_assert_cmpstr (text, ==, TEXT);
        VarveDigest digest = varve_digest_of (bytes->data, bytes->len), diff_id = varve_digest_of (TEXT, strlen (TEXT));
        g_assert_true (varve_digest_table_equal (&digest, &sums.digest));
        g_assert_true (varve_digest_table_equal (&diff_id, &sums.diff_id));
        g_assert_cmpuint (sums.size_bytes, ==, bytes->len);
        g_assert_cmpuint (sums.raw_bytes, ==, strlen (TEXT));
        g_assert_cmpuint (varve_findings_count (findings, VARVE_SEVERITY_ERROR)
                              + varve_findings_count (findings, VARVE_SEVERITY_NOTE),
                          ==, 0);
      }
}

/* @first and @second joined give @expected and one finding. */
static void
assert_joined (const char *media_type, GByteArray *first, GByteArray *second, const char *expected,
               VarveSeverity severity, const char *rule)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  g_byte_array_append (first, second->data, second->len);
  VarveDecompressed sums;
  g_autofree char *text = read_all (first, media_type, 10, findings, &sums, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (sums.size_bytes, ==, first->len);
  VarveDigest digest = varve_digest_of (first->data, first->len);
  g_assert_true (varve_digest_table_equal (&digest, &sums.digest));
  g_assert_cmpuint (varve_findings_count (findings, severity), ==, 1);
  g_assert_cmpstr (varve_findings_get (findings, severity, 0)->rule, ==, rule);
  g_byte_array_unref (first);
  g_byte_array_unref (second);
}

static void
test_more_than_one (void)
{
  assert_joined (VARVE_MEDIA_TYPE_LAYER_GZIP, gzip_of ("abc"), gzip_of ("def"), "abcdef", VARVE_SEVERITY_ERROR,
                 "gzip.members");
  assert_joined (VARVE_MEDIA_TYPE_LAYER_ZSTD, zstd_of ("abc"), zstd_of ("def"), "abcdef", VARVE_SEVERITY_NOTE,
                 "zstd.frames");
  assert_joined (VARVE_MEDIA_TYPE_LAYER_GZIP, gzip_of ("abc"), plain_of ("x"), "abc", VARVE_SEVERITY_ERROR,
                 "compression.trailing-data");
  assert_joined (VARVE_MEDIA_TYPE_LAYER_ZSTD, zstd_of ("abc"), plain_of ("xxxxxx"), "abc", VARVE_SEVERITY_ERROR,
                 "compression.trailing-data");
  assert_joined (VARVE_MEDIA_TYPE_LAYER_ZSTD, zstd_of ("abc"), plain_of ("x"), "abc", VARVE_SEVERITY_ERROR,
                 "compression.trailing-data");
  GByteArray *skippable = g_byte_array_new ();
  g_byte_array_append (skippable, (const guint8 *)"\x51\x2a\x4d\x18\x03\0\0\0abc", 11);
  assert_joined (VARVE_MEDIA_TYPE_LAYER_ZSTD, skippable, zstd_of ("def"), "def", VARVE_SEVERITY_NOTE,
                 "zstd.skippable-frame");
}

static void
assert_refused (GByteArray *bytes, const char *media_type, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  VarveDecompressed sums;
  g_autofree char *text = read_all (bytes, media_type, 10, NULL, &sums, &error);
  g_assert_null (text);
  g_assert_error (error, VARVE_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_members_allowed (void)
{
  g_autoptr (VarveFindings) findings = varve_findings_new ();
  g_autoptr (GByteArray) bytes = gzip_of ("abc"), second = gzip_of ("def");
  g_byte_array_append (bytes, second->data, second->len);
  g_autoptr (GInputStream) blob = g_memory_input_stream_new_from_data (bytes->data, bytes->len, NULL);
  g_autoptr (VarveDecompressor) decompressor
      = varve_decompressor_new (VARVE_MEDIA_TYPE_LAYER_GZIP, blob, findings, "layer 1", NULL);
  varve_decompressor_allow_members (decompressor);
  VarveDecompressed sums;
  g_assert_true (varve_decompressor_finish (decompressor, &sums, NULL));
  g_assert_cmpuint (sums.raw_bytes, ==, 6);
  g_assert_cmpuint (varve_findings_count (findings, VARVE_SEVERITY_ERROR), ==, 0);
  g_assert_cmpstr (varve_findings_get (findings, VARVE_SEVERITY_NOTE, 0)->rule, ==, "gzip.members");
}

static void
test_truncated (void)
{
  for (guint i = 2; i < G_N_ELEMENTS (KINDS); i++)
    {
      g_autoptr (GByteArray) bytes = KINDS[i].compress ("some text");
      while (bytes->len > 0)
        {
          g_byte_array_set_size (bytes, bytes->len - 1);
          assert_refused (bytes, KINDS[i].media_type, VARVE_ERROR_CORRUPT, bytes->len < 4 ? "" : "truncated");
        }
    }
}

static void
test_damaged (void)
{
  for (guint i = 2; i < G_N_ELEMENTS (KINDS); i++)
    {
      g_autoptr (GByteArray) bytes = KINDS[i].compress ("some text");
      bytes->data[0] ^= 0xff;
      assert_refused (bytes, KINDS[i].media_type, VARVE_ERROR_CORRUPT, "not ");
    }
  g_autoptr (GByteArray) gzip = gzip_of ("some text");
  gzip->data[gzip->len - 6] ^= 1;
  assert_refused (gzip, VARVE_MEDIA_TYPE_LAYER_GZIP, VARVE_ERROR_CORRUPT, "corrupt gzip");
}

static void
test_window (void)
{
  g_autofree char *zeros = g_malloc0 (1 << 20);
  for (int log = 27; log <= 28; log++)
    {
      ZSTD_CCtx *context = ZSTD_createCCtx ();
      ZSTD_CCtx_setParameter (context, ZSTD_c_windowLog, log);
      guint8 buffer[4096];
      ZSTD_outBuffer out = { buffer, sizeof buffer, 0 };
      ZSTD_inBuffer in = { zeros, 1 << 20, 0 };
      while (in.pos < in.size) /* without the end directive, the size is not known and the window stays */
        g_assert_false (ZSTD_isError (ZSTD_compressStream2 (context, &out, &in, ZSTD_e_continue)));
      g_assert_cmpuint (ZSTD_compressStream2 (context, &out, &in, ZSTD_e_end), ==, 0);
      ZSTD_freeCCtx (context);
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_byte_array_append (bytes, buffer, (guint)out.pos);
      if (log > VARVE_ZSTD_WINDOW_LOG_MAX)
        assert_refused (bytes, VARVE_MEDIA_TYPE_LAYER_ZSTD, VARVE_ERROR_LIMIT, "window");
      else
        {
          VarveDecompressed sums;
          g_autofree char *text = read_all (bytes, VARVE_MEDIA_TYPE_LAYER_ZSTD, 64, NULL, &sums, NULL);
          g_assert_nonnull (text);
          g_assert_cmpuint (sums.raw_bytes, ==, 1 << 20);
        }
    }
}

static void
test_media_type (void)
{
  g_autoptr (GByteArray) bytes = plain_of ("");
  assert_refused (bytes, "application/vnd.oci.image.layer.v1.tar+xz", VARVE_ERROR_UNSUPPORTED, "not a layer");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decompress/sums", test_sums);
  g_test_add_func ("/decompress/more-than-one", test_more_than_one);
  g_test_add_func ("/decompress/members-allowed", test_members_allowed);
  g_test_add_func ("/decompress/truncated", test_truncated);
  g_test_add_func ("/decompress/damaged", test_damaged);
  g_test_add_func ("/decompress/window", test_window);
  g_test_add_func ("/decompress/media-type", test_media_type);
  return g_test_run ();
}
