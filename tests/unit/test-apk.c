/* SPDX-License-Identifier: Apache-2.0 */
/* packages/apk: the installed file, where it may lie, origins, and bad input. */
#include "packages/apk.h"
#include "tests/unit/ownership.h"

static const char INSTALLED[]
    = "C:Q1abc=\nP:lake\nV:1-r0\no:water\nt:1700000000\nF:usr/bin\nM:0:0:755\nR:lake\na:0:0:755\nF:etc\nR:lake.conf\n"
      "\nP:lake-libs\no:water\nt:1600000000\nF:lib\nR:lake.so\n"
      "\nP:pond\nF:\nR:root\nF:usr/bin\nR:pond\nR:missing\n\n";

static FakeSource *
tree_new (const char *place, const char *installed)
{
  FakeSource *fake = fake_source_new ();
  g_autofree char *path = g_strconcat (place, "/installed", NULL);
  fake_source_add_text (fake, path, installed);
  fake_source_add_symlink (fake, "lib", "usr/lib");
  fake_source_add_text (fake, "root", "in the root");
  fake_source_add_text (fake, "usr/bin/lake", "lake");
  fake_source_add_text (fake, "usr/bin/pond", "pond");
  fake_source_add_text (fake, "usr/lib/lake.so", "so");
  fake_source_add_text (fake, "usr/etc/lake.conf", "conf");
  return fake;
}

static void
test_places (void)
{
  static const char *const PLACES[] = { "usr/lib/apk/db", "usr/lib/sysimage/apk/db", "var/lib/apk/db" };
  for (guint i = 0; i < G_N_ELEMENTS (PLACES); i++)
    {
      g_autoptr (FakeSource) fake = tree_new (PLACES[i], INSTALLED);
      g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
      assert_owner (ownership, "usr/bin/lake", "water");
      assert_owner (ownership, "usr/lib/lake.so", "water");
      assert_owner (ownership, "usr/etc/lake.conf", "water");
      assert_owner (ownership, "usr/bin/pond", "pond");
      assert_owner (ownership, "root", "pond");
      g_assert_cmpint (ownership_of (ownership, "usr/bin/lake")->build_time, ==, 1700000000);
      assert_no_warning (ownership);
    }
}

/* Without a merged /usr. */
static void
test_lib (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "lib/apk/db/installed", "P:a\nF:bin\nR:x\n");
  fake_source_add_text (fake, "bin/x", "x");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_APK);
  assert_owner (ownership, "bin/x", "a");
  assert_kind (ownership, "lib/apk/db/installed", VARVE_COMPONENT_PACKAGE_DATABASE);
}

static void
test_damaged (void)
{
  static const struct {
    const char *text, *message;
  } CASES[] = {
    { "P:a\nnonsense\n", "usr/lib/apk/db/installed': line 2: 'nonsense'" },
    { "V:1\n\n", "line 2: the record that ends here has no name" },
    { "V:1", "line 1: the record that ends here has no name" },
    { "P", "line 1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (FakeSource) fake = tree_new ("usr/lib/apk/db", CASES[i].text);
      g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
      assert_failure (ownership, VARVE_ERROR_CORRUPT, CASES[i].message);
    }
  g_autoptr (FakeSource) fake
      = tree_new ("usr/lib/apk/db", "P:a,b\nF:usr/bin\nR:lake\n\nP:b\nF:../usr/bin\nR:../bin/pond\n");
  g_autoptr (Ownership) ownership = ownership_read (fake, VARVE_PACKAGES_AUTO);
  assert_owner (ownership, "usr/bin/lake", "unowned:/usr/bin");
  assert_warning (ownership, "a package is skipped");
}

static gboolean
count_package (const VarveApkPackage *package, gpointer data, GError **error)
{
  ++*(guint *)data;
  return TRUE;
}

/* One folder, and many files in it, ask for more memory than the file has bytes. */
static void
test_limit (void)
{
  g_autoptr (GString) text = g_string_new ("P:a\nF:");
  for (guint i = 0; i < 4000; i++)
    g_string_append_c (text, 'f');
  for (guint i = 0; i < 20000; i++)
    g_string_append (text, "\nR:x");
  g_autoptr (GBytes) bytes = g_bytes_new (text->str, text->len);
  g_autoptr (GError) error = NULL;
  guint n = 0;
  g_assert_false (varve_apk_parse_installed (bytes, count_package, &n, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
  g_assert_cmpuint (n, ==, 0);
}

static void
test_flipped (void)
{
  for (gsize i = 0; i < strlen (INSTALLED); i++)
    for (guint value = 0; value < 256; value += 51)
      {
        g_autofree char *text = g_strdup (INSTALLED);
        text[i] = (char)value;
        g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (INSTALLED));
        g_autoptr (GError) error = NULL;
        guint n = 0;
        g_assert_true (varve_apk_parse_installed (bytes, count_package, &n, &error) == (error == NULL));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/apk/places", test_places);
  g_test_add_func ("/apk/lib", test_lib);
  g_test_add_func ("/apk/damaged", test_damaged);
  g_test_add_func ("/apk/limit", test_limit);
  g_test_add_func ("/apk/flipped", test_flipped);
  return g_test_run ();
}
