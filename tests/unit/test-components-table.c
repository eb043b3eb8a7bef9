/* SPDX-License-Identifier: Apache-2.0 */
/* bench/components-table: columns by name, what is not known, and what is refused. */
#include "bench/components-table.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"

static VarveComponentsTable *
read_text (const char *text, GError **error)
{
  char path[] = "/tmp/varve-test-XXXXXX";
  int fd = g_mkstemp (path);
  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  VarveComponentsTable *table = varve_components_table_read (path, NULL, error);
  g_unlink (path);
  return table;
}

static void
test_rows (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveComponentsTable) table = read_text ("bytes\tname\tnote\tsource\tchangelog_entries\n"
                                                      "10\tbash\tx\tbash\t3\n"
                                                      "20\tzlib-devel\t\tzlib\t\n"
                                                      "100\tacl\t\t\t0\n",
                                                      &error);
  g_assert_no_error (error);
  const VarveComponentsRow *bash = varve_components_table_find (table, "bash"),
                           *zlib = varve_components_table_find (table, "zlib-devel");
  g_assert_cmpuint (bash->size_bytes, ==, 10);
  g_assert_cmpuint (bash->changelog_entries, ==, 3);
  g_assert_cmpstr (zlib->source, ==, "zlib");
  g_assert_cmpuint (zlib->changelog_entries, ==, VARVE_COMPONENTS_TABLE_UNKNOWN);
  g_assert_cmpstr (varve_components_table_find (table, "acl")->source, ==, "acl");
  g_assert_cmpuint (table->median_size_bytes, ==, 20);
  g_assert_null (varve_components_table_find (table, "zlib"));
}

static void
test_without_entries (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveComponentsTable) table = read_text ("name\tsource\tbytes\na\ta\t1\nb\tb\t4\n", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (varve_components_table_find (table, "a")->changelog_entries, ==, VARVE_COMPONENTS_TABLE_UNKNOWN);
  g_assert_cmpuint (table->median_size_bytes, ==, 2);
}

static void
test_dates (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveComponentsTable) table = read_text ("name\tsource\tbytes\tchangelog_dates\n"
                                                      "a\ta\t1\t1970-01-02,2020-02-29\n"
                                                      "b\tb\t4\t\n",
                                                      &error);
  g_assert_no_error (error);
  const GArray *times = varve_components_table_find (table, "a")->changelog_times;
  g_assert_cmpuint (times->len, ==, 2);
  g_assert_cmpint (g_array_index (times, gint64, 0), ==, 86400);
  g_assert_cmpint (g_array_index (times, gint64, 1), ==, 1582934400);
  g_assert_null (varve_components_table_find (table, "b")->changelog_times);
}

static void
test_refused (void)
{
  static const char *const REFUSALS[][2] = {
    { "name\tsource\tbytes\tchangelog_dates\na\ta\t1\t2020-01-01,2020-02-30\n",
      "line 2: changelog_dates: date '2020-02-30': expected one like '2020-01-31'" },
    { "name\tsource\tbytes\tchangelog_dates\na\ta\t1\t2020-01-01,\n",
      "line 2: changelog_dates: date '': expected one like '2020-01-31'" },
    { "", "no packages: expected a line for each, below the names of the columns" },
    { "name\tsource\tbytes\n", "no packages: expected a line for each, below the names of the columns" },
    { "name\tbytes\n", "line 1: the column 'source' is missing in the line that names the columns" },
    { "bash\tbash\t10\n", "line 1: the column 'name' is missing in the line that names the columns" },
    { "name\tsource\tbytes\nbash\tbash\n", "line 2: 2 fields: expected 3, as in the first line" },
    { "name\tsource\tbytes\nbash\tbash\t1k\n", "line 2: bytes '1k': expected a number from 0 to 1099511627776" },
    { "name\tsource\tbytes\nbash\tbash\t-1\n", "bytes '-1'" },
    { "name\tsource\tbytes\nbash\tbash\t\n", "bytes ''" },
    { "name\tsource\tbytes\nbash\tbash\t1099511627777\n", "bytes '1099511627777'" },
    { "name\tsource\tbytes\tchangelog_entries\nbash\tbash\t1\tfew\n", "changelog_entries 'few'" },
    { "name\tsource\tbytes\n\tbash\t1\n", "line 2: empty name" },
    { "name\tsource\tbytes\na\ta\t1\na\ta\t1\n", "line 3: duplicate name 'a'" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (REFUSALS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (read_text (REFUSALS[i][0], &error));
      g_assert_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT);
      if (strstr (error->message, REFUSALS[i][1]) == NULL)
        g_error ("'%s' does not say '%s'", error->message, REFUSALS[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/components-table/rows", test_rows);
  g_test_add_func ("/components-table/without-entries", test_without_entries);
  g_test_add_func ("/components-table/dates", test_dates);
  g_test_add_func ("/components-table/refused", test_refused);
  return g_test_run ();
}
