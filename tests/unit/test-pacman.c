/* SPDX-License-Identifier: Apache-2.0 */
/* packages/pacman: a folder for each package, where they may lie, what a package knows of its past, and bad input. */
#include "packages/pacman.h"
#include "tests/unit/ownership.h"

static void
add_package (FakeSource *fake, const char *place, const char *name, const char *desc, const char *files)
{
  g_autofree char *desc_path = g_strdup_printf ("%s/local/%s/desc", place, name);
  g_autofree char *files_path = g_strdup_printf ("%s/local/%s/files", place, name);
  fake_source_add_text (fake, desc_path, desc);
  if (files != NULL)
    fake_source_add_text (fake, files_path, files);
}

static FakeSource *
tree_new (const char *place)
{
  FakeSource *fake = fake_source_new ();
  g_autofree char *version = g_strconcat (place, "/local/ALPM_DB_VERSION", NULL);
  fake_source_add_text (fake, version, "9\n");
  add_package (fake, place, "lake-1-1", "%NAME%\nlake\n\n%VERSION%\n1-1\n\n%BASE%\nwater\n\n%BUILDDATE%\n1700000000\n",
               "%FILES%\nusr/\nusr/bin/\nusr/bin/lake\netc/lake.conf\nlib/lake.so\n\n%BACKUP%\netc/pond.conf\tx\n");
  add_package (fake, place, "pond-2-1", "%NAME%\npond\n\n%BUILDDATE%\n-5\n",
               "%FILES%\nusr/bin/pond\nusr/bin/missing\n");
  fake_source_add_symlink (fake, "lib", "usr/lib");
  fake_source_add_text (fake, "usr/bin/lake", "lake");
  fake_source_add_text (fake, "usr/lib/lake.so", "so");
  fake_source_add_text (fake, "usr/bin/pond", "pond");
  fake_source_add_text (fake, "usr/etc/lake.conf", "conf");
  fake_source_add_text (fake, "usr/etc/pond.conf", "conf of a pond");
  return fake;
}

static void
test_places (void)
{
  static const char *const PLACES[] = { "var/lib/pacman",
                                        "usr/lib/pacman",
                                        "usr/share/pacman",
                                        "usr/lib/sysimage/pacman",
                                        "usr/lib/sysimage/lib/pacman",
                                        "usr/lib/sysimage/var/lib/pacman" };
  for (guint i = 0; i < G_N_ELEMENTS (PLACES); i++)
    {
      g_autoptr (FakeSource) fake = tree_new (PLACES[i]);
      g_autoptr (Ownership) ownership = ownership_read (fake, i % 2 == 0 ? VARVE_PACKAGES_AUTO : VARVE_PACKAGES_PACMAN);
      assert_owner (ownership, "usr/bin/lake", "water");
      assert_owner (ownership, "usr/lib/lake.so", "water");
      assert_owner (ownership, "usr/etc/lake.conf", "water");
      assert_owner (ownership, "usr/bin/pond", "pond");
      assert_owner (ownership, "usr/etc/pond.conf", "unowned:/usr/etc"); /* a backup is not a claim */
      g_autofree char *version = g_strconcat (PLACES[i], "/local/ALPM_DB_VERSION", NULL);
      assert_kind (ownership, version, VARVE_COMPONENT_PACKAGE_DATABASE);
      assert_no_warning (ownership);
      g_assert_cmpint (ownership_of (ownership, "usr/bin/lake")->build_time, ==, 1700000000);
      g_assert_cmpint (ownership_of (ownership, "usr/bin/pond")->build_time, ==, 0);
    }
}

static void
test_incomplete (void)
{
  g_autoptr (FakeSource) fake = tree_new ("var/lib/pacman");
  add_package (fake, "var/lib/pacman", "bare-1", "%NAME%\nbare\n", NULL);
  add_package (fake, "var/lib/pacman", "comma-1", "%NAME%\na,b\n", "%FILES%\nusr/bin/pond\n");
  fake_source_add_text (fake, "var/lib/pacman/local/empty-1/mtree", "x");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/bin/pond", "pond");
  assert_warning (ownership, "local/bare-1/desc': its list of files is missing: expected 'files' beside it");
  assert_warning (ownership, "a package is skipped");
  assert_warning (ownership, "local/empty-1': skipped: expected a file 'desc' in it");
  assert_no_warning (ownership);
}

static void
test_damaged (void)
{
  g_autoptr (FakeSource) fake = tree_new ("var/lib/pacman");
  add_package (fake, "var/lib/pacman", "odd-1", "%VERSION%\n1\n", "%FILES%\n");
  g_autoptr (Ownership) nameless = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_failure (nameless, VARVE_ERROR_CORRUPT, "'var/lib/pacman/local/odd-1/desc': no '%NAME%' field");

  g_autofree char *endless = g_strnfill (100000, 'x');
  g_autofree char *files = g_strconcat ("%FILES%\n", endless, "\n../../usr/bin/pond\nusr/bin/lake\n", NULL);
  add_package (fake, "var/lib/pacman", "odd-1", "%NAME%\nodd\n%NAME%\nother\n", files);
  g_autoptr (Ownership) hostile = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (hostile, "usr/bin/lake", "odd"); /* the smaller name */
  assert_owner (hostile, "usr/bin/pond", "pond");
  assert_warning (hostile, "local/odd-1/files': 1 lines are not paths");
}

static void
test_asked_for (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "usr/bin/x", "x");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_PACMAN);
  assert_failure (ownership, VARVE_ERROR_NOT_FOUND, "no pacman database in the tree");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pacman/places", test_places);
  g_test_add_func ("/pacman/incomplete", test_incomplete);
  g_test_add_func ("/pacman/damaged", test_damaged);
  g_test_add_func ("/pacman/asked-for", test_asked_for);
  return g_test_run ();
}
