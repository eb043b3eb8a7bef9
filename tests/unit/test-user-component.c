/* SPDX-License-Identifier: Apache-2.0 */
/* packages/user-component: the nearest attribute wins, and a value that is no name is an error. */
#include "packages/user-component.h"
#include "tests/unit/ownership.h"

static FakeSource *
tree_new (void)
{
  FakeSource *fake = fake_source_new ();
  fake_source_add_text (fake, "usr/share/app/a", "a");
  fake_source_add_text (fake, "usr/share/app/deep/b", "b");
  fake_source_add_text (fake, "usr/share/app/deep/c", "c");
  fake_source_add_text (fake, "usr/share/other", "other");
  return fake;
}

static void
set (FakeSource *fake, const char *path, const char *name)
{
  fake_source_set_xattr (fake, path, "user.component", name, strlen (name));
}

static void
test_nearest (void)
{
  g_autoptr (FakeSource) fake = tree_new ();
  set (fake, "usr/share/app", "app");
  set (fake, "usr/share/app/deep/c", "single");
  fake_source_set_xattr (fake, "usr/share/app/a", "user.other", "x", 1);
  fake_source_set_xattr (fake, "usr/share/app/deep", "user.component", "deep", 5); /* with the NUL that tools add */
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_NONE);
  assert_owner (ownership, "usr/share/app/a", "app");
  assert_kind (ownership, "usr/share/app/a", VARVE_COMPONENT_EXCLUSIVE);
  assert_owner (ownership, "usr/share/app/deep/b", "deep");
  assert_owner (ownership, "usr/share/app/deep/c", "single");
  assert_owner (ownership, "usr/share/other", "unowned:/usr/share");
}

/* It beats packages, and what things are. */
static void
test_over_packages (void)
{
  g_autoptr (FakeSource) fake = tree_new ();
  fake_source_add_text (fake, "var/lib/dpkg/status", "Package: lake\nArchitecture: all\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/lake.list", "/usr/share/app/a\n/usr/share/other\n");
  fake_source_add_text (fake, "usr/lib/modules/1/initramfs.img", "image");
  set (fake, "usr/share/app", "app");
  set (fake, "usr/lib/modules/1", "modules");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/share/app/a", "app");
  assert_owner (ownership, "usr/share/other", "lake");
  assert_owner (ownership, "usr/lib/modules/1/initramfs.img", "modules");
}

static void
test_wrong (void)
{
  static const struct {
    const char *value;
    gsize size_bytes;
    const char *message;
  } CASES[] = {
    { "a\0b", 3, "contains a NUL" },
    { "a,b", 3, "comma" },
    { "\xff", 1, "UTF-8" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (FakeSource) fake = tree_new ();
      fake_source_set_xattr (fake, "usr/share/app/deep", "user.component", CASES[i].value, CASES[i].size_bytes);
      g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_NONE);
      assert_failure (ownership, VARVE_ERROR_CORRUPT, CASES[i].message);
      g_assert_nonnull (strstr (ownership->error->message, "'/usr/share/app/deep'"));
    }
  g_autoptr (FakeSource) fake = tree_new ();
  fake_source_set_raw_xattrs (fake, "usr/share/other", "\x01\x02\x03", 3);
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_NONE);
  assert_failure (ownership, VARVE_ERROR_CORRUPT, "'/usr/share/other'");
}

/* Tools that reset the attribute leave an empty value, with or without a NUL. */
static void
test_empty (void)
{
  for (gsize size_bytes = 0; size_bytes < 2; size_bytes++)
    {
      g_autoptr (FakeSource) fake = tree_new ();
      set (fake, "usr/share/app", "app");
      fake_source_set_xattr (fake, "usr/share/app/deep", "user.component", "", size_bytes);
      fake_source_set_xattr (fake, "usr/share/other", "user.component", "", size_bytes);
      g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_NONE);
      assert_owner (ownership, "usr/share/app/a", "app");
      assert_owner (ownership, "usr/share/other", "unowned:/usr/share");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/user-component/nearest", test_nearest);
  g_test_add_func ("/user-component/over-packages", test_over_packages);
  g_test_add_func ("/user-component/empty", test_empty);
  g_test_add_func ("/user-component/wrong", test_wrong);
  return g_test_run ();
}
