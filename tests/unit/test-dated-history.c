/* SPDX-License-Identifier: Apache-2.0 */
/* bench/dated-history: what a replay reads of a system whose package databases date its past. */
#include "bench/dated-history.h"

#include <glib/gstdio.h>

#include "bench/components-table.h"
#include "bench/package-history.h"
#include "tests/unit/ownership.h"

static const char STATUS[] = "Package: lake\nStatus: install ok installed\nVersion: 3\n\n"
                             "Package: pond\nStatus: install ok installed\nSource: water (1)\nVersion: 1\n\n"
                             "Package: well\nStatus: install ok installed\nVersion: 1\n";

static FakeSource *
make_tree (void)
{
  FakeSource *fake = fake_source_new ();
  fake_source_add_text (fake, "var/lib/dpkg/status", STATUS);
  fake_source_add_text (fake, "var/lib/dpkg/info/lake.list", "/usr/bin/lake\n/usr/share/doc/lake/changelog\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/pond.list", "/usr/bin/pond\n/usr/share/doc/pond/changelog\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/well.list", "/usr/bin/well\n");
  fake_source_add_text (fake, "usr/share/doc/lake/changelog",
                        " -- A <a@b.c>  Tue, 01 Mar 2022 10:00:00 +0100\n"
                        " -- A <a@b.c>  Tue, 01 Mar 2022 08:00:00 +0100\n"
                        " -- A <a@b.c>  Thu, 20 Jan 2022 10:00:00 +0100\n"
                        " -- A <a@b.c>  Wed, 01 Aug 2018 10:00:00 +0100\n");
  fake_source_add_text (fake, "usr/share/doc/pond/changelog", " -- A <a@b.c>  Fri, 03 Jan 2020 00:00:00 +0000\n");
  fake_source_add_text (fake, "usr/bin/lake", "lake");
  fake_source_add_text (fake, "usr/bin/pond", "pond");
  fake_source_add_text (fake, "usr/bin/well", "well");
  fake_source_set_size (fake, "usr/bin/lake", 40960);
  fake_source_set_size (fake, "usr/bin/pond", 5120);
  fake_source_set_size (fake, "usr/bin/well", 100);
  fake_source_add_text (fake, "usr/lib/modules/6.1/initramfs.img", "initramfs");
  fake_source_set_size (fake, "usr/lib/modules/6.1/initramfs.img", 70000);
  fake_source_add_text (fake, "opt/x", "unowned");
  return fake;
}

static gint64
date (int year, int month, int day)
{
  g_autoptr (GDateTime) time = g_date_time_new_utc (year, month, day, 0, 0, 0);
  return g_date_time_to_unix (time);
}

static VarveDatedHistory *
history_of (FakeSource *fake, const VarveDatedHistoryOptions *options, GError **error)
{
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  g_assert_no_error (ownership->error);
  return varve_dated_history_new (ownership->inventory, ownership->components, options, error);
}

static void
test_releases (void)
{
  g_autoptr (FakeSource) fake = make_tree ();
  g_autoptr (GError) error = NULL;
  VarveDatedHistoryOptions options = VARVE_DATED_HISTORY_OPTIONS_INIT;
  options.since = date (2022, 2, 1);
  options.until = date (2022, 3, 4);
  options.interval_days = 15;
  g_autoptr (VarveDatedHistory) history = history_of (fake, &options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (history->n_releases, ==, 3);
  g_assert_cmpuint (history->n_packages, ==, 3);
  g_assert_cmpuint (history->n_undated, ==, 1);
  g_assert_cmpstr (
      history->releases->str, ==,
      "{\"release\":\"2022-02-01\",\"date\":\"2022-02-01\",\"set\":{\"lake\":\"2022-01-20\","
      "\"water\":\"2020-01-03\",\"well\":\"undated\"},\"unset\":[]}\n"
      "{\"release\":\"2022-02-16\",\"date\":\"2022-02-16\",\"set\":{},\"unset\":[]}\n"
      "{\"release\":\"2022-03-03\",\"date\":\"2022-03-03\",\"set\":{\"lake\":\"2022-03-01\"},\"unset\":[]}\n");
}

/* A system that is older than its oldest known change has that one. */
static void
test_before_the_first_change (void)
{
  g_autoptr (FakeSource) fake = make_tree ();
  g_autoptr (GError) error = NULL;
  VarveDatedHistoryOptions options = VARVE_DATED_HISTORY_OPTIONS_INIT;
  options.since = date (2019, 12, 31);
  options.until = date (2020, 1, 3);
  options.interval_days = 3;
  g_autoptr (VarveDatedHistory) history = history_of (fake, &options, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (history->releases->str, "\"water\":\"2020-01-03\""));
  g_assert_nonnull (strstr (history->releases->str, "\"date\":\"2020-01-03\",\"set\":{},"));
}

static void
test_default_dates (void)
{
  g_autoptr (FakeSource) fake = make_tree ();
  g_autoptr (GError) error = NULL;
  VarveDatedHistoryOptions options = VARVE_DATED_HISTORY_OPTIONS_INIT;
  g_autoptr (VarveDatedHistory) history = history_of (fake, &options, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (history->releases->str, "{\"release\":\"2020-03-01\""));
  g_assert_cmpuint (history->n_releases, ==, 105);
}

/* Sizes are of files, of which the changelogs have some bytes too. */
static void
test_replay_reads_both (void)
{
  g_autoptr (FakeSource) fake = make_tree ();
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("varve-test-XXXXXX", &error);
  g_autofree char *history_path = g_build_filename (folder, "history", NULL);
  g_autofree char *table_path = g_build_filename (folder, "table", NULL);
  VarveDatedHistoryOptions options = VARVE_DATED_HISTORY_OPTIONS_INIT;
  g_autoptr (VarveDatedHistory) history = history_of (fake, &options, &error);
  g_assert_no_error (error);
  g_file_set_contents (history_path, history->releases->str, -1, &error);
  g_assert_no_error (error);
  g_file_set_contents (table_path, history->components->str, -1, &error);
  g_assert_no_error (error);
  g_autoptr (VarvePackageHistory) read = varve_package_history_new ();
  g_assert_true (varve_package_history_read (read, history_path, NULL, &error));
  g_assert_cmpuint (read->releases->len, ==, history->n_releases);
  g_autoptr (VarveComponentsTable) table = varve_components_table_read (table_path, NULL, &error);
  g_assert_no_error (error);
  const VarveComponentsRow *lake = varve_components_table_find (table, "lake");
  g_assert_cmpuint (lake->size_bytes, >, 40960);
  g_assert_cmpuint (lake->changelog_times->len, ==, 3);
  g_assert_cmpint (g_array_index (lake->changelog_times, gint64, 0), ==, date (2022, 3, 1));
  g_assert_null (varve_components_table_find (table, "well")->changelog_times);
  g_assert_cmpuint (varve_components_table_find (table, "initramfs")->size_bytes, ==, 70000);
  g_assert_cmpuint (varve_components_table_find (table, "rpmostree-unpackaged-content")->size_bytes, >, 0);
  g_assert_cmpint (g_unlink (history_path) + g_unlink (table_path) + g_rmdir (folder), ==, 0);
}

static void
assert_refused (FakeSource *fake, const VarveDatedHistoryOptions *options, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (history_of (fake, options, &error));
  g_assert_error (error, VARVE_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refused (void)
{
  g_autoptr (FakeSource) fake = make_tree (), empty = fake_source_new ();
  fake_source_add_text (empty, "opt/x", "unowned");
  VarveDatedHistoryOptions options = VARVE_DATED_HISTORY_OPTIONS_INIT;
  assert_refused (empty, &options, VARVE_ERROR_NOT_FOUND,
                  "no history: of 0 packages in the package databases, none has a date");
  options.until = date (2022, 1, 1);
  options.since = date (2022, 1, 2);
  assert_refused (fake, &options, VARVE_ERROR_USAGE, "no release from 2022-01-02 to 2022-01-01: expected a later end");
  options.since = date (1000, 1, 1);
  options.interval_days = 1;
  assert_refused (fake, &options, VARVE_ERROR_LIMIT, "more than 100000 releases: use a longer interval");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dated-history/releases", test_releases);
  g_test_add_func ("/dated-history/before-the-first-change", test_before_the_first_change);
  g_test_add_func ("/dated-history/default-dates", test_default_dates);
  g_test_add_func ("/dated-history/replay-reads-both", test_replay_reads_both);
  g_test_add_func ("/dated-history/refused", test_refused);
  return g_test_run ();
}
