/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/watch: which directories' changes are recorded. */
#include "chunker/watched-dirs.h"

#include "chunker/ledger-codec.h"
#include "chunker/subtree-bytes.h"
#include "tests/unit/small-tree.h"

static VarvePlan *
watched (const SmallTree *tree, const VarveParts *parts)
{
  VarvePlan *plan = small_tree_plan (tree, parts);
  varve_watched_dirs_find (plan, tree->inventory);
  return plan;
}

static void
test_which (void)
{
  static const SmallFile FILES[] = {
    { "usr/bin/tool", "1", 2 * MIB, "large" },        { "usr/share/large/doc", "2", 3 * MIB, "large" },
    { "usr/lib/large/a/x", "3", MIB, "large" },       { "usr/lib/large/b/x", "4", MIB - 1, "large" },
    { "usr/share/small/doc", "5", 3 * MIB, "small" }, { "usr/lib/modules/1/vmlinuz", "6", 9 * MIB, "kernel" },
    { "usr/lib/mine/a", "7", 9 * MIB, "mine" },       { "opt/a/x", "8", 4 * MIB, "unowned:/opt" },
    { "opt/b/x", "9", 2 * MIB, "unowned:/opt" },
  };
  g_autoptr (SmallTree) tree = small_tree_new (FILES, G_N_ELEMENTS (FILES));
  g_autoptr (VarvePlan) plan = watched (tree, NULL);
  /* "usr" holds all of the package and "opt" all of the other, so their children count; kernels and wishes stay whole,
   * as does what is small. */
  assert_names (plan->watched, "large:usr/bin large:usr/lib large:usr/share unowned:/opt:opt/a unowned:/opt:opt/b");
  const VarveAtom *lib = g_ptr_array_index (plan->watched, 1);
  g_assert_cmpuint (lib->raw_bytes, ==, 2 * MIB - 1);
  g_assert_cmpuint (lib->n_objects, ==, 0);
}

/* What lies below it decides its digest, and nothing else. */
static void
test_digest (void)
{
  static const char *const CONTENTS[][2] = { { "a", "b" }, { "a", "c" }, { "d", "b" } };
  VarveDigest digests[3][2];
  for (guint i = 0; i < 3; i++)
    {
      const SmallFile files[]
          = { { "usr/one/x", CONTENTS[i][0], 3 * MIB, "p" }, { "usr/two/x", CONTENTS[i][1], 3 * MIB, "p" } };
      g_autoptr (SmallTree) tree = small_tree_new (files, G_N_ELEMENTS (files));
      g_autoptr (VarvePlan) plan = watched (tree, NULL);
      assert_names (plan->watched, "p:usr/one p:usr/two");
      for (guint j = 0; j < 2; j++)
        digests[i][j] = ((const VarveAtom *)plan->watched->pdata[j])->digest;
    }
  g_assert_true (varve_digest_compare (&digests[0][0], &digests[1][0]) == 0);
  g_assert_true (varve_digest_compare (&digests[0][1], &digests[1][1]) != 0);
  g_assert_true (varve_digest_compare (&digests[0][0], &digests[2][0]) != 0);
  g_assert_true (varve_digest_compare (&digests[0][1], &digests[2][1]) == 0);
}

static void
test_at_most (void)
{
  SmallFile files[40];
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      char *path = g_strdup_printf ("usr/share/p/%02u/x", i), *content = g_strdup_printf ("%u", i);
      g_ptr_array_add (texts, path);
      g_ptr_array_add (texts, content);
      files[i] = (SmallFile){ path, content, 2 * MIB, "p" };
    }
  g_autoptr (SmallTree) tree = small_tree_new (files, G_N_ELEMENTS (files));
  g_autoptr (VarvePlan) plan = watched (tree, NULL);
  g_assert_cmpuint (plan->watched->len, ==, VARVE_WATCHED_DIRS_MAX);
}

/* A part is watched inside, what is left of its component outside of it. */
static void
test_parts (void)
{
  static const SmallFile FILES[] = {
    { "usr/lib/p/a/x", "1", 3 * MIB, "p" },
    { "usr/lib/p/b/x", "2", 3 * MIB, "p" },
    { "usr/share/q/x", "3", 3 * MIB, "p" },
    { "usr/share/r/x", "4", 3 * MIB, "p" },
  };
  g_autoptr (SmallTree) tree = small_tree_new (FILES, G_N_ELEMENTS (FILES));
  g_autoptr (VarveParts) parts = varve_parts_new ();
  varve_parts_add (parts, "p", "usr/lib/p");
  g_autoptr (VarvePlan) plan = watched (tree, parts);
  assert_names (plan->atoms, "p p:usr/lib/p");
  assert_names (plan->watched, "p:usr/share/q p:usr/share/r p:usr/lib/p/a p:usr/lib/p/b");
}

/* An object that belongs to a component by another path than its first lies, by its first, in the folder of a part to
 * which it does not belong: that folder has one entry in the ledger all the same. */
static void
test_nothing_twice (void)
{
  static const SmallFile FILES[] = {
    { "usr/lib/d/own", "1", 3 * MIB, "a" },
    { "usr/lib/d/shared", "2", 5 * MIB, "b" },
    { "usr/lib/e/shared", "2", 5 * MIB, "a" },
    { "usr/lib/e/rest", "3", 5 * MIB, "a" },
  };
  g_autoptr (SmallTree) tree = small_tree_new (FILES, G_N_ELEMENTS (FILES));
  g_autoptr (VarveParts) parts = varve_parts_new ();
  varve_parts_add (parts, "a", "usr/lib/d");
  g_autoptr (VarvePlan) plan = watched (tree, parts);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (NULL, plan, 1);
  g_autoptr (GBytes) bytes = varve_ledger_to_bytes (ledger);
  g_autoptr (GError) error = NULL;
  g_autoptr (VarveLedger) back = varve_ledger_from_bytes (bytes, &error);
  g_assert_no_error (error);
  assert_names (plan->atoms, "a a:usr/lib/d");
  assert_names (plan->watched, "a:usr/lib/e");
}

/* A name that the ledger's reader would refuse is not written. */
static void
test_deep (void)
{
  g_autoptr (GString) deep = g_string_new ("usr/share");
  for (guint i = 0; i < 20; i++)
    g_string_append_printf (deep, "/%0250u", i);
  g_autofree char *one = g_strconcat (deep->str, "/one/x", NULL), *two = g_strconcat (deep->str, "/two/x", NULL);
  const SmallFile files[] = { { one, "1", 5 * MIB, "p" }, { two, "2", 5 * MIB, "p" } };
  g_autoptr (SmallTree) tree = small_tree_new (files, G_N_ELEMENTS (files));
  g_autoptr (VarvePlan) plan = watched (tree, NULL);
  assert_names (plan->watched, "");
}

static void
test_empty (void)
{
  VarveInventory nothing = { 0 };
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  varve_watched_dirs_find (plan, &nothing);
  g_assert_cmpuint (plan->watched->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watch/which", test_which);
  g_test_add_func ("/watch/digest", test_digest);
  g_test_add_func ("/watch/at-most", test_at_most);
  g_test_add_func ("/watch/parts", test_parts);
  g_test_add_func ("/watch/nothing-twice", test_nothing_twice);
  g_test_add_func ("/watch/deep", test_deep);
  g_test_add_func ("/watch/empty", test_empty);
  return g_test_run ();
}
