/* SPDX-License-Identifier: Apache-2.0 */
/* packages/owners: the order in which the sources of ownership speak, and what is asked for. */
#include "packages/owners.h"
#include "tests/unit/ownership.h"

static FakeSource *
two_databases (void)
{
  FakeSource *fake = fake_source_new ();
  fake_source_add_text (fake, "var/lib/dpkg/status", "Package: zebra\nArchitecture: all\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/zebra.list", "/usr/bin/both\n/usr/bin/zebra\n");
  fake_source_add_text (fake, "usr/lib/apk/db/installed", "P:ant\nF:usr/bin\nR:both\nR:ant\n");
  fake_source_add_text (fake, "usr/bin/both", "both");
  fake_source_add_text (fake, "usr/bin/zebra", "zebra");
  fake_source_add_text (fake, "usr/bin/ant", "ant");
  return fake;
}

/* dpkg is read first, so it keeps what both name, though its name is the larger. */
static void
test_order (void)
{
  g_autoptr (FakeSource) fake = two_databases ();
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/bin/both", "zebra");
  assert_owner (ownership, "usr/bin/ant", "ant");
  assert_owner (ownership, "usr/bin/zebra", "zebra");
}

static void
test_asked_for (void)
{
  g_autoptr (FakeSource) fake = two_databases ();
  g_autoptr (Ownership) apk = ownership_read (fake, VARVE_PACKAGES_APK);
  assert_owner (apk, "usr/bin/both", "ant");
  assert_owner (apk, "usr/bin/zebra", "unowned:/usr/bin");
  g_autoptr (Ownership) none = ownership_read (fake, VARVE_PACKAGES_NONE);
  assert_owner (none, "usr/bin/both", "unowned:/usr/bin");
  static const VarvePackagesKind MISSING[] = { VARVE_PACKAGES_RPM, VARVE_PACKAGES_PACMAN };
  for (guint i = 0; i < G_N_ELEMENTS (MISSING); i++)
    {
      g_autoptr (Ownership) missing = ownership_read (fake, MISSING[i]);
      assert_failure (missing, VARVE_ERROR_NOT_FOUND, "database in the tree: looked in /");
    }
}

/* Sorted by name, and each has a file. */
static void
test_components (void)
{
  g_autoptr (FakeSource) fake = two_databases ();
  fake_source_add_text (fake, "usr/lib/apk/db/installed", "P:ant\nF:usr/bin\nR:ant\n\nP:without-files\n");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  g_assert_no_error (ownership->error);
  GPtrArray *components = ownership->components->components;
  g_autofree gboolean *used = g_new0 (gboolean, components->len);
  for (guint32 i = 0; i < ownership->inventory->n_files; i++)
    used[ownership->components->of_file[i]] = TRUE;
  for (guint i = 0; i < components->len; i++)
    {
      g_assert_true (used[i]);
      if (i > 0)
        g_assert_cmpstr (varve_components_get (ownership->components, i - 1)->name, <,
                         varve_components_get (ownership->components, i)->name);
    }
}

/* A package that is called like something that is no package does not become that. */
static void
test_names_that_meet (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "usr/lib/apk/db/installed",
                        "P:initramfs\nF:usr/bin\nR:x\n\nP:generated\nF:usr/bin\nR:y\n");
  fake_source_add_text (fake, "usr/bin/x", "x");
  fake_source_add_text (fake, "usr/bin/y", "y");
  fake_source_add_text (fake, "usr/lib/modules/1/initramfs.img", "image");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_kind (ownership, "usr/bin/x", VARVE_COMPONENT_PACKAGE);
  assert_kind (ownership, "usr/lib/modules/1/initramfs.img", VARVE_COMPONENT_INITRAMFS);
  g_assert_cmpstr (ownership_of (ownership, "usr/bin/x")->name, !=,
                   ownership_of (ownership, "usr/lib/modules/1/initramfs.img")->name);
}

static void
test_kinds (void)
{
  VarvePackagesKind kind;
  g_autoptr (GError) error = NULL;
  g_assert_true (varve_packages_kind_from_string ("pacman", &kind, &error));
  g_assert_cmpint (kind, ==, VARVE_PACKAGES_PACMAN);
  g_assert_false (varve_packages_kind_from_string ("portage", &kind, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_USAGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/owners/order", test_order);
  g_test_add_func ("/owners/asked-for", test_asked_for);
  g_test_add_func ("/owners/components", test_components);
  g_test_add_func ("/owners/names-that-meet", test_names_that_meet);
  g_test_add_func ("/owners/kinds", test_kinds);
  return g_test_run ();
}
