/* SPDX-License-Identifier: Apache-2.0 */
/* emit/chunked: the bytes depend on the tar alone, decode to it, and the annotations find the table of contents.
 * tests/lib/chunked_blob.py judges the whole format. */
#include "emit/chunked.h"

#include <string.h>

#include <zstd.h>

#include "base/error.h"
#include "emit/chunk-cutter.h"
#include "emit/chunked-read.h"
#include "emit/compress.h"
#include "emit/split-sums.h"
#include "emit/tar-split.h"
#include "emit/tar.h"

static gboolean
append (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  g_byte_array_append (data, bytes, (guint)size_bytes);
  return TRUE;
}

static void
add_entry (VarveSink *sink, const VarveTarEntry *entry)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *content = g_malloc (entry->size_bytes + 1);
  guint32 state = 1;
  for (guint64 i = 0; i < entry->size_bytes; i++)
    {
      state = state * 1664525u + 1013904223u;
      content[i] = (guint8)(state >> 24) & 0x3f;
    }
  gboolean written = varve_tar_write_entry (sink, entry, &error)
                     && (entry->size_bytes == 0 || sink->write (sink->data, content, entry->size_bytes, &error))
                     && varve_tar_write_padding (sink, entry->size_bytes, &error);
  g_assert_no_error (error);
  g_assert_true (written);
}

/* Without files when @file_bytes is 0. */
static GByteArray *
tar_of (const char *name, guint64 file_bytes)
{
  GByteArray *tar = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = tar };
  g_autoptr (GError) error = NULL;
  add_entry (&sink, &(VarveTarEntry){ .type = VARVE_TAR_DIRECTORY, .name = "usr", .mode = 0755 });
  if (file_bytes > 0)
    {
      add_entry (&sink, &(VarveTarEntry){ .type = VARVE_TAR_FILE, .name = "usr/large", .size_bytes = file_bytes });
      add_entry (&sink, &(VarveTarEntry){ .type = VARVE_TAR_FILE, .name = name, .mode = 0644, .size_bytes = 700 });
      add_entry (&sink, &(VarveTarEntry){ .type = VARVE_TAR_HARD_LINK, .name = "usr/link", .link_name = name });
    }
  g_assert_true (varve_tar_write_end (&sink, &error));
  return tar;
}

static GByteArray *
compress (const GByteArray *tar, gsize piece_bytes, VarveChunkedIndex *out_index)
{
  GByteArray *blob = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = blob };
  VarveCompressOptions options = VARVE_COMPRESS_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  options.compression = VARVE_COMPRESSION_ZSTD_CHUNKED;
  g_autoptr (VarveCompressor) compressor = varve_compressor_new (&options, tar->len, &sink, &error);
  g_assert_no_error (error);
  g_assert_null (varve_compressor_index (compressor));
  for (gsize i = 0; i < tar->len; i += piece_bytes)
    g_assert_true (varve_compressor_write (compressor, tar->data + i, MIN (piece_bytes, tar->len - i), &error));
  gboolean finished = varve_compressor_finish (compressor, &error);
  g_assert_no_error (error);
  g_assert_true (finished);
  *out_index = *varve_compressor_index (compressor);
  return blob;
}

static GByteArray *
decompress (const guint8 *bytes, gsize size_bytes, gsize max_bytes)
{
  GByteArray *raw = g_byte_array_new ();
  g_byte_array_set_size (raw, (guint)max_bytes);
  ZSTD_DCtx *zstd = ZSTD_createDCtx ();
  size_t n = ZSTD_decompressDCtx (zstd, raw->data, raw->len, bytes, size_bytes);
  ZSTD_freeDCtx (zstd);
  g_assert_false (ZSTD_isError (n));
  g_byte_array_set_size (raw, (guint)n);
  return raw;
}

static void
check_blob (guint64 file_bytes)
{
  static const gsize PIECES[] = { 1, 511, 1 << 30 };
  g_autoptr (GByteArray) tar = tar_of ("usr/small", file_bytes);
  VarveChunkedIndex index, again;
  g_autoptr (GByteArray) blob = compress (tar, tar->len, &index);
  g_autoptr (GByteArray) raw = decompress (blob->data, blob->len, tar->len);
  g_assert_cmpmem (raw->data, raw->len, tar->data, tar->len);
  for (guint i = 0; i < G_N_ELEMENTS (PIECES); i++)
    {
      g_autoptr (GByteArray) other = compress (tar, PIECES[i], &again);
      g_assert_cmpmem (blob->data, blob->len, other->data, other->len);
    }
  VarveDigest digest = varve_digest_of (blob->data + index.toc.offset, index.toc.size_bytes);
  g_assert_true (varve_digest_compare (&digest, &index.toc_digest) == 0);
  g_autoptr (GByteArray) toc
      = decompress (blob->data + index.toc.offset, index.toc.size_bytes, index.toc.raw_bytes + 1);
  g_assert_cmpuint (toc->len, ==, index.toc.raw_bytes);
  g_byte_array_append (toc, (const guint8 *)"", 1);
  g_assert_true (
      g_str_has_prefix ((const char *)toc->data, "{\"version\":1,\"entries\":[{\"type\":\"dir\",\"name\":\"usr\""));
  g_assert_true ((strstr ((const char *)toc->data, "\"type\":\"chunk\"") != NULL)
                 == (file_bytes > VARVE_CHUNK_FILE_MIN_BYTES));
}

static void
test_blob (void)
{
  check_blob (0);
  check_blob (1000);
  check_blob (3 << 20);
}

/* A change in a large file leaves all chunks but a few as they are. */
static void
test_cutter (void)
{
  enum { FILE_BYTES = 8 << 20 };
  g_autofree guint8 *content = g_malloc (FILE_BYTES);
  guint cuts[2] = { 0 };
  gsize last[2] = { 0 };
  for (guint32 i = 0, state = 1; i < FILE_BYTES; i++)
    {
      state = state * 1664525u + 1013904223u;
      content[i] = (guint8)(state >> 24);
    }
  for (guint pass = 0; pass < 2; pass++)
    {
      VarveChunkCutter cutter;
      varve_chunk_cutter_begin (&cutter, FILE_BYTES);
      gsize at = pass; /* the second time without the first byte */
      while (at < FILE_BYTES)
        {
          gboolean ends;
          gsize n = varve_chunk_cutter_next (&cutter, content + at, FILE_BYTES - at, &ends);
          at += n;
          if (!ends)
            continue;
          g_assert_cmpuint (n, >=, VARVE_CHUNK_MIN_BYTES);
          g_assert_cmpuint (n, <=, VARVE_CHUNK_MAX_BYTES);
          cuts[pass]++;
          last[pass] = at;
        }
    }
  g_assert_cmpuint (cuts[0], >, FILE_BYTES / VARVE_CHUNK_MAX_BYTES);
  g_assert_cmpuint (last[0], ==, last[1]);
}

/* Of Go's hash/crc64 with the table ISO. */
static void
test_crc (void)
{
  g_autofree char *line = varve_tar_split_file ("a\"b", 6, varve_crc64_update (0, (const guint8 *)"hello\n", 6), 7);
  g_assert_cmpstr (line, ==,
                   "{\"type\":1,\"name\":\"a\\\"b\",\"size\":6,\"payload\":\"YUw+7uLYEAA=\",\"position\":7}\n");
  g_autofree char *empty = varve_tar_split_file ("dir/", 0, 0, 1);
  g_assert_cmpstr (empty, ==, "{\"type\":1,\"name\":\"dir/\",\"payload\":null,\"position\":1}\n");
}

static void
expect_error (const GByteArray *tar, gsize size_bytes, int code)
{
  g_autoptr (GByteArray) blob = g_byte_array_new ();
  VarveSink sink = { .write = append, .data = blob };
  VarveChunkedIndex index;
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveChunkedWriter) writer = varve_chunked_writer_new (1, &sink, &error);
  g_assert_no_error (error);
  g_assert_false (varve_chunked_writer_write (writer, tar->data, size_bytes, &error)
                  && varve_chunked_writer_finish (writer, &index, &error));
  g_assert_error (error, VARVE_ERROR, code);
}

static void
test_refused (void)
{
  g_autoptr (GByteArray) tar = tar_of ("usr/small", 1000), bad_name = tar_of ("usr/\xff", 1000);
  expect_error (tar, tar->len - 1024, VARVE_ERROR_CORRUPT);
  expect_error (bad_name, bad_name->len, VARVE_ERROR_UNSUPPORTED);
  tar->data[0] ^= 1; /* of the first header's name, so that its checksum is wrong */
  expect_error (tar, tar->len, VARVE_ERROR_CORRUPT);
}

static void
read_annotations (const char *digest, const char *toc, const char *tar_split, const char *message)
{
  VarveDigest blob = varve_digest_of ("", 0);
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER_ZSTD, &blob, 1000);
  VarveChunkedIndex index;
  g_autoptr (GError) error = NULL;
  varve_descriptor_annotate (descriptor, "io.github.containers.zstd-chunked.manifest-checksum", digest);
  varve_descriptor_annotate (descriptor, "io.github.containers.zstd-chunked.manifest-position", toc);
  varve_descriptor_annotate (descriptor, "io.github.containers.zstd-chunked.tarsplit-position", tar_split);
  gboolean is_valid = varve_chunked_index_read (descriptor, &index, &error);
  g_assert_true (is_valid == (message == NULL));
  if (message == NULL)
    return;
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_annotations (void)
{
  static const char DIGEST[] = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  read_annotations (DIGEST, "10:90:1000:1", "108:892:5000", NULL);
  read_annotations (DIGEST, "10:90:1000:1", NULL, NULL);
  read_annotations ("sha256:00", "10:90:1000:1", NULL, "manifest-checksum");
  read_annotations (DIGEST, NULL, NULL, "missing");
  read_annotations (DIGEST, "10:90:1000:2", NULL, "expected OFFSET:LENGTH:LENGTH:1");
  read_annotations (DIGEST, "10:90:1000", NULL, "expected OFFSET");
  read_annotations (DIGEST, "10:-90:1000:1", NULL, "expected OFFSET");
  read_annotations (DIGEST, "911:90:1000:1", NULL, "of a blob of 1000 bytes");
  read_annotations (DIGEST, "10:90:1000:1", "1:1001:5", "of a blob of 1000 bytes");
  read_annotations (DIGEST, "10:90:1000:1", "1:2:3:4", "expected OFFSET:LENGTH:LENGTH");
}

static GByteArray *
compress_text (const char *text)
{
  gsize size_bytes = strlen (text);
  GByteArray *blob = g_byte_array_new ();
  g_byte_array_set_size (blob, (guint)ZSTD_compressBound (size_bytes));
  size_t n = ZSTD_compress (blob->data, blob->len, text, size_bytes, 1);
  g_assert_false (ZSTD_isError (n));
  g_byte_array_set_size (blob, (guint)n);
  return blob;
}

/* Small blobs of much data. */
static void
test_limits (void)
{
  g_autofree char *objects = g_strnfill ((4 << 20) + 1, '{'), *spaces = g_strnfill (9 << 20, ' ');
  g_autoptr (GByteArray) toc = compress_text (objects), tar_split = compress_text (spaces);
  g_autoptr (GBytes) bytes = g_bytes_new (toc->data, toc->len);
  g_autoptr (GError) error = NULL, split_error = NULL;
  VarveChunkedIndex index = { .toc_digest = varve_digest_of (toc->data, toc->len) };
  const char *digest;
  g_assert_null (varve_toc_read (bytes, &index, &digest, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_autoptr (VarveSplitSums) sums = varve_split_sums_new ();
  g_assert_false (varve_split_sums_check (sums, tar_split, &split_error));
  g_assert_nonnull (strstr (split_error->message, "larger than the tar's headers can need"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chunked/blob", test_blob);
  g_test_add_func ("/chunked/cutter", test_cutter);
  g_test_add_func ("/chunked/crc", test_crc);
  g_test_add_func ("/chunked/refused", test_refused);
  g_test_add_func ("/chunked/annotations", test_annotations);
  g_test_add_func ("/chunked/limits", test_limits);
  return g_test_run ();
}
