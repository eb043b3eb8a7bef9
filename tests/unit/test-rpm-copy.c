/* SPDX-License-Identifier: Apache-2.0 */
/* packages/rpm-copy: where the copy of a database is, what is in it, and that nothing of it stays. */
#include "packages/rpm-copy.h"

#include <string.h>

#include "base/error.h"
#include "tests/unit/fake-source.h"

static VarvePackageTree *
tree_of (FakeSource *fake, VarveInventory **out_inventory)
{
  *out_inventory = fake_source_inventory (fake);
  return varve_package_tree_new (*out_inventory, fake_source_source (fake), NULL, NULL);
}

/* /tmp is often memory, and a database may have 2 GiB. */
static void
test_copy (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "usr/share/rpm/rpmdb.sqlite", "packages");
  fake_source_add_text (fake, "usr/share/rpm/rpmdb.sqlite-wal", "log");
  fake_source_add_text (fake, "usr/share/rpm/Packages.db", "not preferred");
  VarveInventory *inventory;
  VarvePackageTree *tree = tree_of (fake, &inventory);
  VarveRpmCopy copy = { 0 };
  guint32 directory = varve_inventory_find_directory (inventory, "usr/share/rpm");
  g_assert_true (varve_rpm_copy (tree, directory, &copy, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (copy.backend, ==, "sqlite");
  g_autofree char *path = g_strdup (varve_temporary_folder_path (copy.folder));
  g_assert_true (g_str_has_prefix (path, "/var/tmp/"));
  g_autofree char *log_path = g_build_filename (path, "rpmdb.sqlite-wal", NULL), *text = NULL;
  g_assert_true (g_file_get_contents (log_path, &text, NULL, &error));
  g_assert_cmpstr (text, ==, "log");
  g_autofree char *other_path = g_build_filename (path, "Packages.db", NULL);
  g_assert_false (g_file_test (other_path, G_FILE_TEST_EXISTS));
  varve_rpm_copy_clear (&copy);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  varve_package_tree_free (tree);
  varve_inventory_free (inventory);
}

static void
test_no_database (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "usr/share/rpm/macros", "");
  VarveInventory *inventory;
  VarvePackageTree *tree = tree_of (fake, &inventory);
  g_auto (VarveRpmCopy) copy = { 0 };
  g_assert_true (varve_rpm_copy (tree, varve_inventory_find_directory (inventory, "usr/share/rpm"), &copy, &error));
  g_assert_no_error (error);
  g_assert_null (copy.folder);
  varve_package_tree_free (tree);
  varve_inventory_free (inventory);
}

int
main (int argc, char **argv)
{
  g_unsetenv ("TMPDIR");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rpm-copy/copy", test_copy);
  g_test_add_func ("/rpm-copy/no-database", test_no_database);
  return g_test_run ();
}
