/* SPDX-License-Identifier: Apache-2.0 */
/* explain/plain-places: symlinks in the folders of a path. */
#include "explain/plain-places.h"

static void
add_symlink (GHashTable *places, const char *path, const char *target)
{
  VarvePlainPlace *place = g_new0 (VarvePlainPlace, 1);
  place->target = g_strdup (target);
  g_hash_table_replace (places, g_strdup (path), place);
}

static void
assert_resolved (GHashTable *places, const char *path, const char *expected)
{
  g_autofree char *resolved = varve_plain_places_resolve (places, path);
  g_assert_cmpstr (resolved, ==, expected);
}

static void
test_resolve (void)
{
  g_autoptr (GHashTable) places = varve_plain_places_new ();
  add_symlink (places, "bin", "usr/bin");
  add_symlink (places, "usr/lib64", "lib");
  add_symlink (places, "usr/abs", "/usr/lib64/x");
  add_symlink (places, "out", "../etc");
  add_symlink (places, "loop", "loop");
  assert_resolved (places, "/bin/sh", "usr/bin/sh");
  assert_resolved (places, "/bin", "bin");
  assert_resolved (places, "usr//lib64/./a/../b", "usr/lib/b");
  assert_resolved (places, "usr/abs/y", "usr/lib/x/y");
  assert_resolved (places, "/out/passwd", NULL);
  assert_resolved (places, "/loop/x", NULL);
}

/* Each of the links adds its target's rest to the path. */
static void
test_long (void)
{
  g_autoptr (GHashTable) places = varve_plain_places_new ();
  g_autofree char *rest = g_strnfill (60000, 'x');
  for (guint i = 1; i < 60000; i += 2)
    rest[i] = '/';
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("l%u", i), *target = g_strdup_printf ("l%u/%s", i + 1, rest);
      add_symlink (places, name, target);
    }
  g_autofree char *longest = g_strnfill (4096, 'a'), *longer = g_strnfill (4097, 'a');
  assert_resolved (places, "/l0/z", NULL);
  assert_resolved (places, "/l2/z", NULL);
  assert_resolved (places, longest, longest);
  assert_resolved (places, longer, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plain-places/resolve", test_resolve);
  g_test_add_func ("/plain-places/long", test_long);
  return g_test_run ();
}
