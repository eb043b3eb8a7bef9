/* SPDX-License-Identifier: Apache-2.0 */
/* emit/layer: the blob on disk is the one that is announced, or there is an error. */
#include "emit/layer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "tests/unit/tinyimage.h"

enum { SMALL_BYTES = 1000, LARGE_BYTES = 200000 };

static VarveLayerWriter *
writer_in (const char *folder, int *out_fd)
{
  g_autoptr (GError) error = NULL;
  VarveCompressOptions options = { .compression = VARVE_COMPRESSION_NONE, .workers = 1 };
  *out_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  VarveLayerWriter *writer = varve_layer_writer_new (&options, SMALL_BYTES + LARGE_BYTES, *out_fd, NULL, &error);
  g_assert_no_error (error);
  return writer;
}

static void
test_announced (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *data = g_malloc0 (LARGE_BYTES);
  int fd;
  g_autoptr (VarveLayerWriter) writer = writer_in (folder, &fd);
  VarveSink *sink = varve_layer_writer_sink (writer);
  g_assert_true (sink->write (sink->data, data, SMALL_BYTES, &error));
  g_assert_true (sink->write (sink->data, data, LARGE_BYTES, &error));
  VarveLayerResult result;
  g_autoptr (VarveTempfile) file = NULL;
  g_assert_true (varve_layer_writer_finish (writer, &result, &file, &error));
  g_assert_no_error (error);
  struct stat status;
  g_assert_cmpint (fstat (varve_tempfile_fd (file), &status), ==, 0);
  g_assert_cmpint (status.st_size, ==, SMALL_BYTES + LARGE_BYTES);
  g_assert_cmpuint (result.size_bytes, ==, SMALL_BYTES + LARGE_BYTES);
  g_assert_cmpuint (result.raw_bytes, ==, SMALL_BYTES + LARGE_BYTES);
  close (fd);
}

/* A full disk at the moment when room is borrowed, and free space afterwards. */
static void
test_transient_failure (void)
{
  g_autoptr (TinyFolder) folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *data = g_malloc0 (LARGE_BYTES);
  int fd;
  g_autoptr (VarveLayerWriter) writer = writer_in (folder, &fd);
  VarveSink *sink = varve_layer_writer_sink (writer);
  g_assert_true (sink->write (sink->data, data, SMALL_BYTES, &error));
  struct rlimit former, full = { 0 };
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &former), ==, 0);
  full.rlim_max = former.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &full), ==, 0);
  g_assert_null (sink->borrow (sink->data, LARGE_BYTES));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &former), ==, 0);
  g_assert_false (sink->write (sink->data, data, LARGE_BYTES, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  g_assert_true (g_str_has_suffix (error->message, ": File too large"));
  g_clear_error (&error);
  VarveLayerResult result;
  g_autoptr (VarveTempfile) file = NULL;
  g_assert_false (varve_layer_writer_finish (writer, &result, &file, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_IO);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGXFSZ, SIG_IGN);
  g_test_add_func ("/layer/announced", test_announced);
  g_test_add_func ("/layer/transient-failure", test_transient_failure);
  return g_test_run ();
}
