/* SPDX-License-Identifier: Apache-2.0 */
/* bench/package-history and bench/lines: what is read, compressed or not, and what is refused with which line's number.
 */
#include "bench/package-history.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "bench/lines.h"

static const char TEXT[]
    = "{\"release\": \"1\", \"date\": \"2020-01-08\", \"set\": {\"bash\": \"5.0\", \"zlib\": \"1.2\"}, \"unset\": []}\n"
      "\n"
      "{\"release\": \"2\", \"date\": \"2020-01-22\", \"set\": {\"zlib\": \"1.3\"}, \"unset\": [\"bash\"]}\r\n"
      "{\"release\": \"3\", \"date\": \"2020-02-29\", \"set\": {\"bash\": \"5.0\"}}";

static char *folder;

static char *
write_file (const void *bytes, gssize size_bytes)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, "history", NULL);
  g_file_set_contents (path, bytes, size_bytes, &error);
  g_assert_no_error (error);
  return path;
}

static const VarvePackageHistoryRelease *
release_at (const VarvePackageHistory *history, guint index)
{
  return &g_array_index (history->releases, VarvePackageHistoryRelease, index);
}

static void
assert_text (const VarvePackageHistory *history)
{
  static const VarvePackageHistoryChange CHANGES[]
      = { { 0, 0 }, { 1, 1 }, { 0, VARVE_PACKAGE_HISTORY_GONE }, { 1, 2 }, { 0, 0 } };
  g_assert_cmpuint (history->releases->len, ==, 3);
  g_assert_cmpstr (release_at (history, 1)->name, ==, "2");
  g_assert_cmpint (release_at (history, 0)->date, ==, 1578441600);
  g_assert_true (release_at (history, 0)->is_first);
  g_assert_false (release_at (history, 2)->is_first);
  g_assert_cmpuint (release_at (history, 2)->n_changes, ==, 1);
  g_assert_cmpmem (history->changes->data, history->changes->len * sizeof CHANGES[0], CHANGES, sizeof CHANGES);
  g_assert_cmpstr (g_ptr_array_index (history->names, 1), ==, "zlib");
  g_assert_cmpstr (g_array_index (history->builds, VarvePackageHistoryBuild, 2).version, ==, "1.3");
}

static void
test_plain (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePackageHistory) history = varve_package_history_new ();
  g_autofree char *path = write_file (TEXT, -1);
  g_assert_true (varve_package_history_read (history, path, NULL, &error));
  g_assert_no_error (error);
  assert_text (history);
}

static void
test_compressed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePackageHistory) history = varve_package_history_new ();
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
  g_autoptr (GInputStream) plain = g_memory_input_stream_new_from_data (TEXT, -1, NULL);
  g_autoptr (GInputStream) packed = g_converter_input_stream_new (plain, G_CONVERTER (compressor));
  char bytes[4096];
  gsize size_bytes;
  g_assert_true (g_input_stream_read_all (packed, bytes, sizeof bytes, &size_bytes, NULL, &error));
  g_autofree char *path = write_file (bytes, (gssize)size_bytes);
  g_assert_true (varve_package_history_read (history, path, NULL, &error));
  g_assert_no_error (error);
  assert_text (history);
}

/* A second file begins anew, but what it names is known. */
static void
test_several (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePackageHistory) history = varve_package_history_new ();
  g_autofree char *path = write_file (TEXT, -1);
  g_assert_true (varve_package_history_read (history, path, NULL, &error));
  g_assert_true (varve_package_history_read (history, path, NULL, &error));
  g_assert_cmpuint (history->releases->len, ==, 6);
  g_assert_true (release_at (history, 3)->is_first);
  g_assert_cmpuint (history->names->len, ==, 2);
  g_assert_cmpuint (history->builds->len, ==, 3);
}

typedef struct {
  const char *text;
  gint code;
  const char *message; /* what it contains */
} Refusal;

#define RELEASE "{\"release\": \"1\", \"date\": \"2020-01-08\", \"set\": {\"bash\": \"5.0\"}, \"unset\": []}\n"

static const Refusal REFUSALS[] = {
  { "", VARVE_ERROR_CORRUPT, "history': no releases: expected a line of JSON for each" },
  { "\n\n", VARVE_ERROR_CORRUPT, "history': no releases: expected a line of JSON for each" },
  { RELEASE "{\"release\": \"2\"", VARVE_ERROR_CORRUPT, "history': line 2: " },
  { RELEASE "[]\n", VARVE_ERROR_CORRUPT,
    "line 2: expected an object with 'release', 'date', 'set', 'unset', found '[ ]'" },
  { "{\"date\": \"2020-01-08\", \"set\": {}}", VARVE_ERROR_CORRUPT, "line 1: 'release' is missing" },
  { "{\"release\": \"1\", \"set\": {}}", VARVE_ERROR_CORRUPT, "line 1: 'date' is missing" },
  { "{\"release\": \"1\", \"date\": \"2020-02-30\", \"set\": {}}", VARVE_ERROR_CORRUPT,
    "date '2020-02-30': expected one like '2020-01-31'" },
  { "{\"release\": \"1\", \"date\": \"2020-1-3\", \"set\": {}}", VARVE_ERROR_CORRUPT, "'2020-1-3'" },
  { "{\"release\": \"1\", \"date\": \"2020-01-08T\", \"set\": {}}", VARVE_ERROR_CORRUPT, "'2020-01-08T'" },
  { "{\"release\": \"1\", \"date\": \"2020-01-08\"}", VARVE_ERROR_CORRUPT, "'set' is missing" },
  { "{\"release\": \"1\", \"date\": \"2020-01-08\", \"set\": {\"bash\": 5}}", VARVE_ERROR_CORRUPT,
    "version missing, or not a string, of package 'bash'" },
  { "{\"release\": \"1\", \"date\": \"2020-01-08\", \"set\": {\"\": \"5\"}}", VARVE_ERROR_CORRUPT,
    "package without a name" },
  { RELEASE "{\"release\": \"2\", \"date\": \"2020-01-08\", \"set\": {}, \"unset\": [5]}", VARVE_ERROR_CORRUPT,
    "'unset' has an element that is not a string: '5'" },
  { RELEASE "{\"release\": \"2\", \"date\": \"2020-01-08\", \"set\": {}, \"unset\": [\"zlib\"]}", VARVE_ERROR_CORRUPT,
    "line 2: 'unset' names a package that is not in the previous release: 'zlib'" },
  { RELEASE "\xff\n", VARVE_ERROR_CORRUPT, "line 2: not UTF-8" },
  { RELEASE "\x1b[31m\n", VARVE_ERROR_CORRUPT, "line 2: a control character (0x1b)" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (REFUSALS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VarvePackageHistory) history = varve_package_history_new ();
      g_autofree char *path = write_file (REFUSALS[i].text, -1);
      g_assert_false (varve_package_history_read (history, path, NULL, &error));
      g_assert_error (error, VARVE_ERROR, REFUSALS[i].code);
      if (strstr (error->message, REFUSALS[i].message) == NULL)
        g_error ("'%s' does not say '%s'", error->message, REFUSALS[i].message);
    }
}

static void
test_limit (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePackageHistory) history = varve_package_history_new ();
  g_autofree char *text = g_strnfill (VARVE_LINES_MAX_LINE_BYTES + 1, ' ');
  g_autofree char *path = write_file (text, -1);
  g_assert_false (varve_package_history_read (history, path, NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePackageHistory) history = varve_package_history_new ();
  g_assert_false (varve_package_history_read (history, "/nowhere/history", NULL, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "'/nowhere/history': No such file"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("varve-test-XXXXXX", NULL);
  g_test_add_func ("/package-history/plain", test_plain);
  g_test_add_func ("/package-history/compressed", test_compressed);
  g_test_add_func ("/package-history/several", test_several);
  g_test_add_func ("/package-history/refused", test_refused);
  g_test_add_func ("/package-history/limit", test_limit);
  g_test_add_func ("/package-history/missing", test_missing);
  int status = g_test_run ();
  g_autofree char *path = g_build_filename (folder, "history", NULL);
  g_unlink (path);
  g_rmdir (folder);
  g_free (folder);
  return status;
}
