/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/parts: into what components are split, when, and that they stay so. */
#include "chunker/parts.h"

#include "chunker/watched-dirs.h"
#include "tests/unit/small-tree.h"

static void
test_find (void)
{
  g_autoptr (VarveParts) parts = varve_parts_new ();
  g_assert_true (varve_parts_add (parts, "p", "usr/lib"));
  g_assert_true (varve_parts_add (parts, "p", "usr/lib/deep"));
  g_assert_true (varve_parts_add (parts, "q", "usr/lib"));
  g_assert_false (varve_parts_add (parts, "p", "usr/lib"));
  g_assert_cmpstr (varve_parts_find (parts, "p", "usr/lib/x"), ==, "usr/lib");
  g_assert_cmpstr (varve_parts_find (parts, "p", "usr/lib/deep/x"), ==, "usr/lib/deep");
  g_assert_cmpstr (varve_parts_find (parts, "p", "usr/lib/deeper/x"), ==, "usr/lib");
  g_assert_cmpstr (varve_parts_find (parts, "q", "usr/lib/deep/x"), ==, "usr/lib");
  g_assert_null (varve_parts_find (parts, "p", "usr/lib")); /* a file of that name is not in it */
  g_assert_null (varve_parts_find (parts, "p", "usr/lib64/x"));
  g_assert_null (varve_parts_find (parts, "r", "usr/lib/x"));
}

static void
test_add_former (void)
{
  g_autoptr (VarveLedger) former = varve_ledger_new ();
  varve_ledger_add (former, "p", "usr/a")->layer = 3;
  varve_ledger_add (former, "p", "usr/watched");
  varve_ledger_add (former, "p", NULL)->layer = 3;
  g_autoptr (VarveParts) parts = varve_parts_new ();
  varve_parts_add_former (parts, former);
  g_assert_cmpstr (varve_parts_find (parts, "p", "usr/a/x"), ==, "usr/a");
  g_assert_null (varve_parts_find (parts, "p", "usr/watched/x"));
}

static const SmallFile FIRMWARE[] = {
  { "usr/lib/firmware/amd/x", "1", 2 * MIB, "firmware" },   { "usr/lib/firmware/intel/deep/x", "2", MIB, "firmware" },
  { "usr/lib/firmware/small/x", "3", MIB - 1, "firmware" }, { "usr/lib/firmware/loose", "4", 5 * MIB, "firmware" },
  { "usr/lib/other/x", "5", 5 * MIB, "firmware" },          { "usr/lib/firmware/mine/x", "6", 5 * MIB, "mine" },
};

/* The parts that a build finds which follows one of @former, which may be NULL. */
static VarvePlan *
split (const SmallTree *tree, const VarveLedger *former, guint *out_n_new)
{
  g_autoptr (VarveParts) parts = varve_parts_new ();
  if (former != NULL)
    varve_parts_add_former (parts, former);
  g_autoptr (VarvePlan) plan = small_tree_plan (tree, parts);
  varve_watched_dirs_find (plan, tree->inventory);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (former, plan, 1000);
  *out_n_new = varve_parts_find_new (parts, plan, tree->inventory, ledger, former);
  return small_tree_plan (tree, parts);
}

/* The ledger of a build of this plan, all in one layer. */
static VarveLedger *
ledger_of (VarvePlan *plan, const VarveLedger *before)
{
  g_autofree guint32 *all = g_new (guint32, plan->atoms->len);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    all[i] = i;
  varve_plan_add_layer (plan, all, plan->atoms->len);
  VarveLedger *ledger
      = varve_ledger_advance (before, plan, before != NULL ? g_array_index (before->times, gint64, 0) + 1 : 1);
  varve_ledger_place (ledger, plan);
  return ledger;
}

static void
test_firmware (void)
{
  guint n_new;
  g_autoptr (SmallTree) tree = small_tree_new (FIRMWARE, G_N_ELEMENTS (FIRMWARE));
  g_autoptr (VarvePlan) plan = split (tree, NULL, &n_new);
  g_assert_cmpuint (n_new, ==, 2);
  assert_names (plan->atoms, "firmware firmware:usr/lib/firmware/amd firmware:usr/lib/firmware/intel mine");
  /* Once split it stays so, without being found again. */
  g_autoptr (VarveLedger) former = ledger_of (plan, NULL);
  g_autoptr (VarvePlan) next = split (tree, former, &n_new);
  g_assert_cmpuint (n_new, ==, 0);
  assert_names (next->atoms, "firmware firmware:usr/lib/firmware/amd firmware:usr/lib/firmware/intel mine");
}

/* A layer that could stay is not given up to split what is in it. */
static void
test_only_when_dirty (void)
{
  guint n_new;
  g_autoptr (SmallTree) tree = small_tree_new (FIRMWARE, G_N_ELEMENTS (FIRMWARE));
  g_autoptr (VarvePlan) whole = small_tree_plan (tree, NULL);
  g_autoptr (VarveLedger) former = ledger_of (whole, NULL);
  g_autoptr (VarvePlan) same = split (tree, former, &n_new);
  g_assert_cmpuint (n_new, ==, 0);
  assert_names (same->atoms, "firmware mine");
  SmallFile changed[G_N_ELEMENTS (FIRMWARE)];
  memcpy (changed, FIRMWARE, sizeof changed);
  changed[3].content = "another";
  g_autoptr (SmallTree) next = small_tree_new (changed, G_N_ELEMENTS (changed));
  g_autoptr (VarvePlan) plan = split (next, former, &n_new);
  g_assert_cmpuint (n_new, ==, 2);
  assert_names (plan->atoms, "firmware firmware:usr/lib/firmware/amd firmware:usr/lib/firmware/intel mine");
}

/* So many builds in which usr/hot changes in each, and usr/calm in every @calm_period-th. */
static VarvePlan *
after_builds (guint n_builds, guint calm_period, const char *component, guint *out_n_new)
{
  g_autoptr (VarveLedger) ledger = NULL;
  for (guint i = 0; i < n_builds; i++)
    {
      g_autofree char *hot = g_strdup_printf ("hot %u", i), *calm = g_strdup_printf ("calm %u", i / calm_period);
      const SmallFile files[]
          = { { "usr/hot/x", hot, 3 * MIB, component }, { "usr/calm/x", calm, 3 * MIB, component } };
      g_autoptr (SmallTree) tree = small_tree_new (files, G_N_ELEMENTS (files));
      if (i + 1 == n_builds)
        return split (tree, ledger, out_n_new);
      g_autoptr (VarvePlan) plan = small_tree_plan (tree, NULL);
      varve_watched_dirs_find (plan, tree->inventory);
      VarveLedger *next = ledger_of (plan, ledger);
      g_clear_pointer (&ledger, varve_ledger_free);
      ledger = next;
    }
  g_assert_not_reached ();
}

static void
test_quiet (void)
{
  static const struct {
    guint n_builds, calm_period;
    const char *component, *names;
  } CASES[] = {
    { 1, 100, "p", "p" },            /* nothing is known */
    { 2, 100, "p", "p" },            /* once is no habit */
    { 3, 100, "p", "p p:usr/calm" }, /* changed twice, that part never */
    { 9, 4, "p", "p p:usr/calm" },   /* in two of eight */
    { 9, 3, "p", "p p:usr/calm" },   /* also two of eight: after 3 and 6 */
    { 9, 2, "p", "p" },              /* in four of eight */
    { 9, 100, "unowned:/usr", "unowned:/usr unowned:/usr:usr/calm" },
    { 9, 100, "kernel", "kernel" },
    { 9, 100, "mine", "mine" }, /* as the user said */
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      guint n_new;
      g_test_message ("case %u", i);
      g_autoptr (VarvePlan) plan = after_builds (CASES[i].n_builds, CASES[i].calm_period, CASES[i].component, &n_new);
      assert_names (plan->atoms, CASES[i].names);
      g_assert_cmpuint (n_new, ==, strchr (CASES[i].names, ' ') != NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parts/find", test_find);
  g_test_add_func ("/parts/add-former", test_add_former);
  g_test_add_func ("/parts/firmware", test_firmware);
  g_test_add_func ("/parts/only-when-dirty", test_only_when_dirty);
  g_test_add_func ("/parts/quiet", test_quiet);
  return g_test_run ();
}
