/* SPDX-License-Identifier: Apache-2.0 */
/* packages/dpkg-changelog: dates, where it stops, and damaged archives. */
#include "packages/dpkg-changelog.h"

#include <gio/gio.h>
#include <string.h>

#include "base/error.h"

static GBytes *
compress (const char *text, gsize size_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
  g_autoptr (GInputStream) plain = g_memory_input_stream_new_from_data (text, (gssize)size_bytes, NULL);
  g_autoptr (GInputStream) packed = g_converter_input_stream_new (plain, G_CONVERTER (compressor));
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_output_stream_splice (out, packed, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

static void
assert_times (GBytes *bytes, const gint64 *expected, guint n_expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) times = varve_dpkg_parse_changelog (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (times->len, ==, n_expected);
  for (guint i = 0; i < n_expected; i++)
    g_assert_cmpint (g_array_index (times, gint64, i), ==, expected[i]);
}

static const char TEXT[] = "lake (1.0-2) unstable; urgency=low\n\n  * It rains.\n\n"
                           " -- A <a@b.c>  Tue, 01 Oct 2024 12:00:00 +0200\n\n"
                           " -- B <b> c <a@b.c>  Tue, 01 Nov 2022 00:00:00 -0100\n"
                           " -- no date here <a@b.c>\n"
                           " -- A <a@b.c>  Tue, 32 Oct 2023 12:00:00 +0000\n"
                           " -- A <a@b.c>  Wed, 01 Jan 2020 00:00:00 +0000\n"
                           " -- A <a@b.c>  Thu, 03 Oct 2019 10:00:00 +0000\n"
                           " -- A <a@b.c>  Thu, 03 Oct 2019 09:59:59 +0000\n"
                           " -- A <a@b.c>  Wed, 02 Oct 2019 00:00:00 +0000";

/* Five years, and the first entry before them, which shows that the past goes back further. */
static void
test_entries (void)
{
  static const gint64 TIMES[] = { 1727776800, 1667264400, 1577836800, 1570096800, 1570096799 };
  g_autoptr (GBytes) plain = g_bytes_new_static (TEXT, strlen (TEXT));
  g_autoptr (GBytes) packed = compress (TEXT, strlen (TEXT));
  assert_times (plain, TIMES, G_N_ELEMENTS (TIMES));
  assert_times (packed, TIMES, G_N_ELEMENTS (TIMES));
}

/* Also without a newline at the end. */
static void
test_empty (void)
{
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  assert_times (empty, NULL, 0);
}

static void
test_last_line (void)
{
  static const char LAST[] = " -- A <a@b.c>  1 Jan 2020 00:00:01 GMT";
  static const gint64 TIMES[] = { 1577836801 };
  g_autoptr (GBytes) plain = g_bytes_new_static (LAST, strlen (LAST));
  assert_times (plain, TIMES, 1);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  assert_times (nothing, NULL, 0);
}

static void
test_dates (void)
{
  static const char *const WRONG[] = {
    "",
    "Tue",
    "Tue, ",
    "Tue, 1",
    "Tue, 1 Foo 2024 12:00:00 +0000",
    "Tue, 1 Oct 24 12:00:00 +0000",
    "Tue, 1 Oct 2024 12",
    "Tue, 1 Oct 2024 12:00:00",
    "Tue, 1 Oct 2024 25:00:00 +0000",
    "Tue, 1 Oct 2024 12:00:00 +00",
    "Tue, 1 Oct 0000 12:00:00 +0000",
    "Tue, 99999999999 Oct 2024 12:00:00 +0000",
    "Tue, 1 Oct 2024 12:00:",
  };
  gint64 time = 7;
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_test_message ("%s", WRONG[i]);
      g_assert_false (varve_dpkg_parse_date (WRONG[i], &time));
    }
  g_assert_cmpint (time, ==, 7);
  g_assert_true (varve_dpkg_parse_date ("Sat, 29 Feb 2020 23:59:60 +0000", &time));
  g_assert_cmpint (time, ==, 1583020799);
}

static void
test_damaged (void)
{
  g_autoptr (GBytes) packed = compress (TEXT, strlen (TEXT));
  gsize size_bytes;
  const guint8 *data = g_bytes_get_data (packed, &size_bytes);
  for (gsize length = 2; length < size_bytes; length++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) cut = g_bytes_new (data, length);
      g_autoptr (GArray) times = varve_dpkg_parse_changelog (cut, &error);
      if (times == NULL)
        g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) head = g_bytes_new (data, 12);
  g_assert_null (varve_dpkg_parse_changelog (head, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
}

static void
test_bomb (void)
{
  gsize size_bytes = VARVE_DPKG_CHANGELOG_MAX_BYTES + 1;
  g_autofree char *zeros = g_malloc0 (size_bytes);
  g_autoptr (GBytes) packed = compress (zeros, size_bytes);
  g_assert_cmpuint (g_bytes_get_size (packed), <, 100000);
  g_autoptr (GError) error = NULL;
  g_assert_null (varve_dpkg_parse_changelog (packed, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dpkg-changelog/entries", test_entries);
  g_test_add_func ("/dpkg-changelog/empty", test_empty);
  g_test_add_func ("/dpkg-changelog/last-line", test_last_line);
  g_test_add_func ("/dpkg-changelog/dates", test_dates);
  g_test_add_func ("/dpkg-changelog/damaged", test_damaged);
  g_test_add_func ("/dpkg-changelog/bomb", test_bomb);
  return g_test_run ();
}
