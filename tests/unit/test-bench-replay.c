/* SPDX-License-Identifier: Apache-2.0 */
/* bench/replay, bench/release: the contents of each release, which updates count, and what the options refuse. */
#include "bench/replay.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "bench/release.h"

static const char TABLE[] = "name\tsource\tbytes\tchangelog_dates\n"
                            "acl\tacl\t100\t2021-06-01,2022-01-05\n"
                            "bash\tbash\t200\t\n"
                            "initramfs\t\t7\t\n"
                            "rpmostree-unpackaged-content\t\t50\t\n";
static const char HISTORY[]
    = "{\"release\": \"1\", \"date\": \"2022-01-01\", \"set\": {\"bash\": \"1\", \"acl\": \"1\", \"new\": "
      "\"1\"}, \"unset\": []}\n"
      "{\"release\": \"2\", \"date\": \"2022-01-08\", \"set\": {\"acl\": \"2\"}, \"unset\": []}\n"
      "{\"release\": \"3\", \"date\": \"2022-01-15\", \"set\": {\"acl\": \"1\"}, \"unset\": [\"new\"]}\n";

typedef struct {
  char *folder, *history, *table;
} Files;

static char *
write_file (const char *folder, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, name, NULL);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
files_init (Files *files)
{
  g_autoptr (GError) error = NULL;
  files->folder = g_dir_make_tmp ("varve-test-XXXXXX", &error);
  g_assert_no_error (error);
  files->history = write_file (files->folder, "history", HISTORY);
  files->table = write_file (files->folder, "table", TABLE);
}

static void
files_clear (Files *files)
{
  g_assert_cmpint (g_unlink (files->history) + g_unlink (files->table) + g_rmdir (files->folder), ==, 0);
  g_free (files->folder);
  g_free (files->history);
  g_free (files->table);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Files, files_clear)

static const VarveReleasePackage *
package_of (const VarveRelease *release, const char *name)
{
  for (guint32 i = 0; i < release->n_packages; i++)
    if (strcmp (release->packages[i].name, name) == 0)
      return &release->packages[i];
  return NULL;
}

static void
test_releases (void)
{
  g_auto (Files) files;
  files_init (&files);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarvePackageHistory) history = varve_package_history_new ();
  g_assert_true (varve_package_history_read (history, files.history, NULL, &error));
  g_autoptr (VarveComponentsTable) table = varve_components_table_read (files.table, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (VarveReleases) releases = varve_releases_new (history, table);
  const VarveRelease *release = varve_releases_next (releases);
  g_assert_true (release->is_first);
  g_assert_cmpuint (release->n_packages, ==, 5);
  for (guint32 i = 1; i < release->n_packages; i++)
    g_assert_cmpstr (release->packages[i - 1].name, <, release->packages[i].name);
  guint32 acl = package_of (release, "acl")->build, bash = package_of (release, "bash")->build,
          initramfs = package_of (release, "initramfs")->build;
  g_assert_cmpuint (package_of (release, "acl")->changelog_entries, ==, 1); /* the other is in the future */
  g_assert_cmpuint (package_of (release, "bash")->changelog_entries, ==, VARVE_COMPONENTS_TABLE_UNKNOWN);
  g_assert_cmpuint (package_of (release, "new")->size_bytes, ==, 75); /* the median of 7, 50, 100, 200 */
  g_assert_cmpuint (package_of (release, "initramfs")->size_bytes, ==, 7);
  g_assert_cmpint (package_of (release, "initramfs")->kind, ==, VARVE_COMPONENT_INITRAMFS);
  release = varve_releases_next (releases);
  g_assert_false (release->is_first);
  g_assert_cmpuint (package_of (release, "acl")->build, !=, acl);
  g_assert_cmpuint (package_of (release, "acl")->changelog_entries, ==, 2);
  g_assert_cmpuint (package_of (release, "bash")->build, ==, bash);
  g_assert_cmpuint (package_of (release, "initramfs")->build, !=, initramfs);
  release = varve_releases_next (releases);
  g_assert_cmpuint (package_of (release, "acl")->build, ==, acl); /* the same version again */
  g_assert_null (package_of (release, "new"));
  g_assert_null (varve_releases_next (releases));
}

static VarveReplayOptions
options_of (const Files *files, const char **paths, const char **warm_up)
{
  paths[0] = files->history;
  paths[1] = NULL;
  warm_up[0] = files->history;
  warm_up[1] = NULL;
  return (VarveReplayOptions){
    .history_paths = paths, .warm_up_paths = warm_up, .components_path = files->table, .max_layers = 64, .jobs = 2
  };
}

static void
test_costs (void)
{
  g_auto (Files) files;
  files_init (&files);
  g_autoptr (GError) error = NULL;
  const char *paths[2], *warm_up[2];
  VarveReplayOptions options = options_of (&files, paths, warm_up);
  g_autoptr (VarveReplayResult) result = varve_replay_run (&options, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->bound.steps, ==, 2); /* without the first of each file, and without the warm-up */
  g_assert_cmpuint (result->bound.total_bytes, ==, 2 * (100 + 57));
  g_assert_cmpuint (result->rows->len, ==, 4);
  for (guint i = 0; i < result->rows->len; i++)
    {
      const VarveReplayRow *row = &g_array_index (result->rows, VarveReplayRow, i);
      g_test_message ("%s", row->policy);
      g_assert_cmpuint (row->tally.steps, ==, 2);
      g_assert_cmpuint (row->tally.total_bytes, >=, result->bound.total_bytes);
      g_assert_cmpfloat_with_epsilon (row->ratio, (double)row->tally.total_bytes / 314, 1e-9);
      g_assert_cmpuint (row->tally.max_layers, <=, 64);
    }
}

static void
test_policies (void)
{
  g_auto (Files) files;
  files_init (&files);
  g_autoptr (GError) error = NULL;
  const char *paths[2], *warm_up[2], *chunkah[] = { "chunkah", NULL };
  VarveReplayOptions options = options_of (&files, paths, warm_up);
  options.policies = chunkah;
  g_autoptr (VarveReplayResult) result = varve_replay_run (&options, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->rows->len, ==, 1);
  g_assert_cmpstr (g_array_index (result->rows, VarveReplayRow, 0).policy, ==, "chunkah");
}

static void
assert_refused (const VarveReplayOptions *options, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (varve_replay_run (options, NULL, NULL, &error));
  g_assert_error (error, VARVE_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_refused (void)
{
  g_auto (Files) files;
  files_init (&files);
  const char *paths[2], *warm_up[2], *unknown[] = { "varve", "apko\n", NULL };
  VarveReplayOptions options = options_of (&files, paths, warm_up);
  options.max_layers = VARVE_REPLAY_LAYERS_MIN - 1;
  assert_refused (&options, VARVE_ERROR_USAGE, "--layers 3: expected 4 to 499");
  options = options_of (&files, paths, warm_up);
  options.policies = unknown;
  assert_refused (&options, VARVE_ERROR_USAGE, "unknown policy 'apko\\x0a'");
  options = options_of (&files, paths, warm_up);
  options.warm_up_paths = NULL;
  assert_refused (&options, VARVE_ERROR_USAGE,
                  "no update to count in 3 releases: without --warm-up the first 20 are not counted");
  options.components_path = files.history;
  assert_refused (&options, VARVE_ERROR_CORRUPT, "line 1: the column 'name' is missing");
}

static void
test_cancelled (void)
{
  g_auto (Files) files;
  files_init (&files);
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const char *paths[2], *warm_up[2];
  VarveReplayOptions options = options_of (&files, paths, warm_up);
  g_cancellable_cancel (cancellable);
  g_assert_null (varve_replay_run (&options, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench-replay/releases", test_releases);
  g_test_add_func ("/bench-replay/costs", test_costs);
  g_test_add_func ("/bench-replay/policies", test_policies);
  g_test_add_func ("/bench-replay/refused", test_refused);
  g_test_add_func ("/bench-replay/cancelled", test_cancelled);
  return g_test_run ();
}
