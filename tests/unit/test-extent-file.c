/* SPDX-License-Identifier: Apache-2.0 */
/* base/extent-file: pieces come back as written, and only what is written takes room. */
#include "base/extent-file.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fasthash.h"

enum { LARGE_BYTES = 5 << 20, WRITE_BYTES = 300000 };

static const guint64 LAYER_MAX_BYTES = G_GUINT64_CONSTANT (64) << 30;

static void
feed (VarveExtentFileWriter *writer, guint8 fill, gsize size_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *data = g_malloc (WRITE_BYTES);
  memset (data, fill, WRITE_BYTES);
  for (gsize n; size_bytes > 0; size_bytes -= n)
    {
      n = MIN (size_bytes, WRITE_BYTES);
      g_assert_true (varve_extent_file_writer_write (writer, data, n, &error));
      g_assert_no_error (error);
    }
}

static VarveExtent
finish (VarveExtentFileWriter *writer)
{
  g_autoptr (GError) error = NULL;
  VarveExtent extent;
  g_assert_true (varve_extent_file_writer_finish (writer, &extent, &error));
  g_assert_no_error (error);
  varve_extent_file_writer_free (writer);
  return extent;
}

static void
assert_filled (VarveExtentFile *file, VarveExtent extent, guint8 fill, gsize size_bytes)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpuint (extent.size_bytes, ==, size_bytes);
  g_autofree guint8 *data = varve_extent_file_load (file, extent, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < size_bytes; i++)
    g_assert_cmpuint (data[i], ==, fill);
  guint64 offset;
  guint8 last;
  int fd = varve_extent_file_fd (file, extent.at, &offset);
  g_assert_cmpint (pread (fd, &last, 1, (off_t)(offset + size_bytes - 1)), ==, 1);
  g_assert_cmpuint (last, ==, fill);
}

/* Pieces whose size is unknown, on a file system whose files end at a gigabyte. */
static void
test_unknown_sizes (void)
{
  enum { N_PIECES = 100 };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) file = varve_extent_file_new (NULL, &error);
  g_assert_no_error (error);
  struct rlimit former, low = { .rlim_cur = 1 << 30 };
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &former), ==, 0);
  low.rlim_max = former.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &low), ==, 0);
  for (guint i = 0; i < N_PIECES; i++)
    {
      VarveExtentFileWriter *writer = varve_extent_file_writer_new (file, LAYER_MAX_BYTES);
      feed (writer, (guint8)i, LARGE_BYTES);
      VarveExtent extent = finish (writer);
      assert_filled (file, extent, (guint8)i, LARGE_BYTES);
      varve_extent_file_forget (file, extent); /* so that the test takes no room */
    }
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &former), ==, 0);
}

/* Writers that take turns do not get into each other's pieces. */
static void
test_at_once (void)
{
  enum { N = 8 };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) file = varve_extent_file_new (NULL, &error);
  g_assert_no_error (error);
  for (guint round = 0; round < 2; round++)
    {
      VarveExtentFileWriter *writers[N];
      VarveExtent extents[N];
      for (guint i = 0; i < N; i++)
        writers[i] = varve_extent_file_writer_new (file, LAYER_MAX_BYTES);
      for (gsize written = 0; written < LARGE_BYTES; written += LARGE_BYTES / 5)
        for (guint i = 0; i < N; i++)
          feed (writers[i], (guint8)(i + 1), i % 2 == 0 ? LARGE_BYTES / 5 : 10);
      for (guint i = 0; i < N; i++)
        extents[i] = finish (writers[i]);
      for (guint i = 0; i < N; i++)
        assert_filled (file, extents[i], (guint8)(i + 1), i % 2 == 0 ? LARGE_BYTES : 50);
    }
}

/* A piece that is given up leaves nothing, and the next one takes its place. */
static void
test_unfinished (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) file = varve_extent_file_new (NULL, &error);
  VarveExtentFileWriter *writer = varve_extent_file_writer_new (file, LAYER_MAX_BYTES);
  feed (writer, 1, LARGE_BYTES);
  varve_extent_file_writer_free (writer);
  writer = varve_extent_file_writer_new (file, LAYER_MAX_BYTES);
  feed (writer, 2, LARGE_BYTES);
  VarveExtent extent = finish (writer);
  assert_filled (file, extent, 2, LARGE_BYTES);
  guint64 offset;
  struct stat status;
  g_assert_cmpint (fstat (varve_extent_file_fd (file, extent.at, &offset), &status), ==, 0);
  g_assert_cmpuint (offset, ==, 0);
  g_assert_cmpint (status.st_size, ==, LARGE_BYTES);
}

static void
test_limits (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) file = varve_extent_file_new (NULL, &error);
  g_autoptr (VarveExtentFileWriter) writer = varve_extent_file_writer_new (file, 10);
  g_assert_true (varve_extent_file_writer_write (writer, "0123456789", 10, &error));
  g_assert_false (varve_extent_file_writer_write (writer, "0", 1, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==, "more than the limit of 10 bytes");
  g_clear_error (&error);
  guint64 at;
  g_assert_false (varve_extent_file_reserve (file, G_MAXUINT64 - 5, &at, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_clear_error (&error);
  guint8 byte;
  g_assert_true (varve_extent_file_reserve (file, 1, &at, &error));
  g_assert_false (varve_extent_file_read (file, at, &byte, 1, &error));
  g_assert_cmpstr (error->message, ==, "a temporary file ends 1 bytes before the end of a piece in it");
}

/* What one writer has claimed is not free for another one, also of another file, until it is written or given back. */
static void
test_claims (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) one = varve_extent_file_new (NULL, &error), two = varve_extent_file_new (NULL, &error);
  g_autoptr (VarveExtentFileWriter) first = varve_extent_file_writer_new (one, G_MAXUINT64),
                                    second = varve_extent_file_writer_new (two, G_MAXUINT64);
  guint64 most = varve_extent_file_free_bytes (one) / 3 * 2;
  g_assert_true (varve_extent_file_writer_claim (first, most, &error));
  g_assert_cmpuint (varve_extent_file_free_bytes (two), <, most);
  g_assert_false (varve_extent_file_writer_claim (second, most, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "no space left for temporary files: "));
  g_clear_error (&error);
  g_assert_true (varve_extent_file_writer_claim (first, LARGE_BYTES, &error));
  feed (first, 1, LARGE_BYTES);
  g_assert_true (varve_extent_file_writer_claim (second, most, &error));
  g_clear_pointer (&second, varve_extent_file_writer_free);
  g_assert_true (varve_extent_file_writer_claim (first, most, &error));
}

/* Of pieces that are read at once, and in parts. */
static void
test_hash (void)
{
  static const gsize SIZES[] = { 0, 1, 1 << 20, (1 << 20) + 1, LARGE_BYTES };
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveExtentFile) file = varve_extent_file_new (NULL, &error);
  g_autofree guint8 *data = g_malloc (LARGE_BYTES);
  VarveExtent extent;
  guint64 hash;
  for (gsize i = 0; i < LARGE_BYTES; i++)
    data[i] = (guint8)(i * 2654435761u >> 24);
  g_assert_true (varve_extent_file_reserve (file, LARGE_BYTES, &extent.at, &error));
  g_assert_true (varve_extent_file_write (file, extent.at, data, LARGE_BYTES, &error));
  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++)
    {
      extent.size_bytes = SIZES[i];
      g_assert_true (varve_extent_file_hash (file, extent, NULL, &hash, &error));
      g_assert_cmphex (hash, ==, varve_fasthash_64 (data, SIZES[i]));
    }
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_false (varve_extent_file_hash (file, extent, cancellable, &hash, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGXFSZ, SIG_IGN);
  g_test_add_func ("/extent-file/unknown-sizes", test_unknown_sizes);
  g_test_add_func ("/extent-file/at-once", test_at_once);
  g_test_add_func ("/extent-file/unfinished", test_unfinished);
  g_test_add_func ("/extent-file/limits", test_limits);
  g_test_add_func ("/extent-file/claims", test_claims);
  g_test_add_func ("/extent-file/hash", test_hash);
  return g_test_run ();
}
