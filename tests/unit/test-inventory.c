/* SPDX-License-Identifier: Apache-2.0 */
/* model/inventory: order, resolving of paths, and hard links as a host makes them. */
#include "model/inventory.h"

#include "tests/unit/fake-source.h"

static void
test_order (void)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "b/x", "one");
  fake_source_add_text (fake, "a/y", "two");
  fake_source_add_text (fake, "z", "two");
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  static const char *const PATHS[] = { "z", "a/y", "b/x" }; /* files before folders */
  g_assert_cmpuint (inventory->n_files, ==, G_N_ELEMENTS (PATHS));
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      g_assert_cmpstr (inventory->files[i].path, ==, PATHS[i]);
      g_assert_cmpuint (varve_inventory_find_file (inventory, PATHS[i]), ==, i);
    }
  g_assert_cmpuint (inventory->n_objects, ==, 2);
  g_assert_cmpuint (inventory->objects[0].first_file, ==, 0);
  g_assert_cmpuint (inventory->files[0].next_file, ==, 1);
  g_assert_cmpuint (inventory->files[1].next_file, ==, VARVE_NO_INDEX);
  g_assert_cmpuint (inventory->directories[0].end_directory, ==, 3);
  g_assert_cmpuint (varve_inventory_find_file (inventory, "a"), ==, VARVE_NO_INDEX);
  g_assert_cmpuint (varve_inventory_find_directory (inventory, "a"), ==, 1);
}

static void
test_resolve (void)
{
  static const char *const CASES[][2] = {
    { "lib/x", "usr/lib/x" },
    { "/lib//./x", "usr/lib/x" },
    { "lib", "lib" }, /* the last component is not followed */
    { "etc/passwd", "usr/etc/passwd" },
    { "usr/up/bin/x", "bin/x" },
    { "usr/absolute/x", "usr/lib/x" },
    { "absent/x", "absent/x" },
    { "usr/../lib/x", "usr/lib/x" },
    { "..", NULL },
    { "out/x", NULL },
    { "loop/x", NULL },
  };
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "usr/lib/x", "x");
  fake_source_add_text (fake, "usr/etc/passwd", "x");
  fake_source_add_symlink (fake, "lib", "usr/lib");
  fake_source_add_symlink (fake, "usr/up", "..");
  fake_source_add_symlink (fake, "usr/absolute", "/lib");
  fake_source_add_symlink (fake, "out", "../..");
  fake_source_add_symlink (fake, "loop", "loop");
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *resolved = varve_inventory_resolve (inventory, CASES[i][0]);
      g_test_message ("%s", CASES[i][0]);
      g_assert_cmpstr (resolved, ==, CASES[i][1]);
    }
}

static void
test_links (void)
{
  static const struct {
    const char *path, *content, *link_to; /* NULL: a separate file */
  } FILES[] = {
    { "opt/a", "same", NULL },
    { "usr/bin/a", "same", NULL }, /* the first one below /usr */
    { "usr/bin/b", "same", "usr/bin/a" },
    { "usr/etc/a", "same", NULL },
    { "usr/lib/a", "same", "usr/bin/a" },
    { "usr/lib/b", "other", NULL },
    { "usr/lib/c", "", NULL }, /* empty files are never linked */
    { "usr/lib/d", "", NULL },
  };
  g_autoptr (FakeSource) fake = fake_source_new ();
  for (guint i = 0; i < G_N_ELEMENTS (FILES); i++)
    fake_source_add_text (fake, FILES[i].path, FILES[i].content);
  fake_source_add_symlink (fake, "usr/lib/e", "x");
  fake_source_add_symlink (fake, "usr/lib/f", "x");
  g_autoptr (VarveInventory) inventory = fake_source_inventory (fake);
  varve_inventory_link_as_deployed (inventory);
  for (guint i = 0; i < G_N_ELEMENTS (FILES); i++)
    {
      guint32 link_to = inventory->files[varve_inventory_find_file (inventory, FILES[i].path)].link_to;
      g_test_message ("%s", FILES[i].path);
      g_assert_cmpstr (link_to != VARVE_NO_INDEX ? inventory->files[link_to].path : NULL, ==, FILES[i].link_to);
    }
  g_assert_cmpuint (inventory->files[varve_inventory_find_file (inventory, "usr/lib/f")].link_to, ==, VARVE_NO_INDEX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inventory/order", test_order);
  g_test_add_func ("/inventory/resolve", test_resolve);
  g_test_add_func ("/inventory/links", test_links);
  return g_test_run ();
}
