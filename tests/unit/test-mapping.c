/* SPDX-License-Identifier: Apache-2.0 */
/* packages/mapping: the file, which line wins, and what it says of lines that do nothing or are wrong. */
#include <glib/gstdio.h>
#include <unistd.h>

#include "packages/mapping.h"
#include "tests/unit/ownership.h"

static Ownership *
read_with (FakeSource *fake, const char *mapping)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("varve-mapping-XXXXXX", &path, &error);
  g_assert_no_error (error);
  close (fd);
  g_assert_true (g_file_set_contents (path, mapping, -1, NULL));
  VarveOwnersOptions options = VARVE_OWNERS_OPTIONS_INIT;
  options.mapping_path = path;
  Ownership *ownership = ownership_read_with (fake, &options);
  g_unlink (path);
  return ownership;
}

static FakeSource *
tree_new (void)
{
  FakeSource *fake = fake_source_new ();
  fake_source_add_text (fake, "usr/bin/a", "a");
  fake_source_add_text (fake, "usr/bin/b", "b");
  fake_source_add_text (fake, "usr/lib/x/y.so", "y");
  fake_source_add_text (fake, "usr/etc/c.conf", "c");
  fake_source_add_symlink (fake, "bin", "usr/bin");
  fake_source_add_symlink (fake, "lib", "usr/lib");
  return fake;
}

static void
test_rules (void)
{
  g_autoptr (FakeSource) fake = tree_new ();
  g_autoptr (Ownership) ownership
      = read_with (fake, "# a comment\n\n  \nall\t/usr/bin/*\r\nlater\tusr/bin/b\nlibs\t/lib/**\nconf\t/etc/*.conf\n");
  assert_owner (ownership, "usr/bin/a", "all");
  assert_kind (ownership, "usr/bin/a", VARVE_COMPONENT_EXCLUSIVE);
  assert_owner (ownership, "usr/bin/b", "later");
  assert_owner (ownership, "usr/lib/x/y.so", "libs"); /* through the symlink */
  assert_owner (ownership, "usr/etc/c.conf", "conf");
  assert_owner (ownership, "bin", "unowned:/");
  assert_no_warning (ownership);
}

/* The mapping is the last word. */
static void
test_over_all (void)
{
  g_autoptr (FakeSource) fake = tree_new ();
  fake_source_set_xattr (fake, "usr/bin/a", "user.component", "mine", 4);
  fake_source_set_xattr (fake, "usr/bin/b", "user.component", "mine", 4);
  fake_source_add_text (fake, "var/lib/dpkg/status", "Package: lake\nArchitecture: all\n");
  fake_source_add_text (fake, "var/lib/dpkg/info/lake.list", "/usr/bin/a\n/usr/lib/x/y.so\n");
  fake_source_add_text (fake, "usr/lib/modules/1/initramfs.img", "image");
  g_autoptr (Ownership) ownership = read_with (fake, "mapped\tusr/bin/a\nlake\t/usr/lib/modules/**\n");
  assert_owner (ownership, "usr/bin/a", "mapped");
  assert_owner (ownership, "usr/bin/b", "mine");
  assert_owner (ownership, "usr/lib/x/y.so", "lake");
  assert_owner (ownership, "usr/lib/modules/1/initramfs.img", "lake"); /* one name is one component */
  assert_kind (ownership, "usr/lib/x/y.so", VARVE_COMPONENT_EXCLUSIVE);
}

static void
test_without_match (void)
{
  g_autoptr (FakeSource) fake = tree_new ();
  g_autoptr (Ownership) ownership = read_with (fake, "a\tnowhere/*\nb\t/../../etc/passwd\nc\tusr/bin/a\n");
  assert_owner (ownership, "usr/bin/a", "c");
  assert_warning (ownership, "line 1: '/nowhere/*' matches nothing");
  assert_warning (ownership, "line 2");
  assert_no_warning (ownership);
}

static void
test_wrong (void)
{
  static const struct {
    const char *text, *message;
  } CASES[] = {
    { "x\n", "line 1: expected 'component TAB glob'" },
    { "# ok\na\tb\n\tusr\n", "line 3" },
    { "a,b\tusr\n", "line 1: component name 'a,b': contains a comma" },
    { "a\tusr/[x\n", "line 1" },
    { "a\t\n", "line 1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (FakeSource) fake = tree_new ();
      g_autoptr (Ownership) ownership = read_with (fake, CASES[i].text);
      assert_failure (ownership, VARVE_ERROR_CORRUPT, CASES[i].message);
      g_assert_true (g_str_has_prefix (ownership->error->message, "mapping: '/"));
    }
  g_autoptr (FakeSource) fake = tree_new ();
  VarveOwnersOptions options = VARVE_OWNERS_OPTIONS_INIT;
  options.mapping_path = "/nowhere/mapping";
  g_autoptr (Ownership) missing = ownership_read_with (fake, &options);
  assert_failure (missing, VARVE_ERROR_NOT_FOUND, "/nowhere/mapping");
}

static void
test_limit (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i <= VARVE_MAPPING_MAX_LINES; i++)
    g_string_append (text, "a\tb\n");
  g_autoptr (GBytes) bytes = g_bytes_new (text->str, text->len);
  g_autoptr (GError) error = NULL;
  g_assert_null (varve_mapping_parse (bytes, &error));
  g_assert_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mapping/rules", test_rules);
  g_test_add_func ("/mapping/over-all", test_over_all);
  g_test_add_func ("/mapping/without-match", test_without_match);
  g_test_add_func ("/mapping/wrong", test_wrong);
  g_test_add_func ("/mapping/limit", test_limit);
  return g_test_run ();
}
