/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/keep: which layers are kept, by what is stale in them. */
#include "chunker/keep.h"

enum { CANDIDATES_MAX = 4 };

static void
test_choose (void)
{
  static const struct {
    const char *what;
    VarveKeepCandidate candidates[CANDIDATES_MAX];
    guint32 n, stale_permille;
    guint64 tree_bytes;
    const char *kept; /* a digit for each candidate */
  } CASES[] = {
    { "none", { { 0 } }, 0, 10, 1000, "" },
    { "nothing stale", { { .live_bytes = 100, .is_usable = TRUE } }, 1, 0, 1000, "1" },
    { "not usable", { { .live_bytes = 100 } }, 1, 1000, 1000, "0" },
    { "stale without bytes, and nothing may be",
      { { .live_bytes = 100, .has_stale = TRUE, .is_usable = TRUE } },
      1,
      0,
      1000,
      "0" },
    { "stale without bytes", { { .live_bytes = 100, .has_stale = TRUE, .is_usable = TRUE } }, 1, 1, 1000, "1" },
    { "two fifths and a little more",
      { { 60, 40, TRUE, TRUE, FALSE }, { 59, 40, TRUE, TRUE, FALSE }, { 59, 40, TRUE, TRUE, TRUE } },
      3,
      1000,
      1000,
      "101" },
    { "the bound", { { 900, 10, TRUE, TRUE, FALSE } }, 1, 10, 1000, "1" },
    { "beyond the bound", { { 900, 11, TRUE, TRUE, FALSE } }, 1, 10, 1000, "0" },
    { "the most stale for what is live goes first",
      { { 1000, 100, TRUE, TRUE, FALSE }, { 100, 50, TRUE, TRUE, FALSE }, { 1000, 101, TRUE, TRUE, FALSE } },
      3,
      201,
      1000,
      "101" },
    { "then the next, which is enough alone",
      { { 1000, 100, TRUE, TRUE, FALSE }, { 100, 50, TRUE, TRUE, FALSE }, { 1000, 101, TRUE, TRUE, FALSE } },
      3,
      200,
      1000,
      "110" },
    { "and then the next",
      { { 1000, 100, TRUE, TRUE, FALSE }, { 100, 50, TRUE, TRUE, FALSE }, { 1000, 101, TRUE, TRUE, FALSE } },
      3,
      149,
      1000,
      "100" },
    { "what is opened already does not count",
      { { 10, 90, TRUE, TRUE, FALSE }, { 900, 10, TRUE, TRUE, FALSE } },
      2,
      10,
      1000,
      "01" },
    { "a pinned one does not count",
      { { 900, 500, TRUE, TRUE, TRUE }, { 900, 10, TRUE, TRUE, FALSE } },
      2,
      10,
      1000,
      "11" },
    { "sizes without limit",
      { { G_MAXUINT64, G_MAXUINT64, TRUE, TRUE, FALSE }, { G_MAXUINT64, 1, TRUE, TRUE, FALSE } },
      2,
      1000,
      G_MAXUINT64,
      "01" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      guint8 is_kept[CANDIDATES_MAX] = { 0 };
      char text[CANDIDATES_MAX + 1] = { 0 };
      varve_keep_choose (CASES[i].candidates, CASES[i].n, CASES[i].tree_bytes, CASES[i].stale_permille, is_kept);
      for (guint32 j = 0; j < CASES[i].n; j++)
        text[j] = (char)('0' + is_kept[j]);
      g_test_message ("%s", CASES[i].what);
      g_assert_cmpstr (text, ==, CASES[i].kept);
    }
}

/* Layers of 100 bytes each, of an atom each. */
static VarvePlan *
plan_of (guint n_atoms, guint n_layers)
{
  VarvePlan *plan = varve_plan_new ();
  for (guint32 i = 0; i < n_atoms; i++)
    {
      const char name[] = { (char)('a' + i), '\0' };
      VarveAtom *atom = varve_plan_add_atom (plan, name, NULL, VARVE_COMPONENT_PACKAGE);
      atom->size_bytes = 100;
      atom->probability = VARVE_PROBABILITY_ONE / 2;
    }
  for (guint32 i = 0; i < n_layers; i++)
    varve_plan_add_layer (plan, &i, 1);
  return plan;
}

static void
test_rebase (void)
{
  g_autoptr (VarvePlan) fifth = plan_of (10, 2), less = plan_of (11, 2), none = plan_of (0, 0);
  g_assert_false (varve_keep_is_rebase (fifth));
  g_assert_true (varve_keep_is_rebase (less));
  g_assert_false (varve_keep_is_rebase (none));
  varve_plan_layer (less, 1)->is_pinned = TRUE;
  g_assert_false (varve_keep_is_rebase (less));
}

/* Where layers with stale objects are kept, only what changes is about to be downloaded anyway. */
static void
test_cheapest_with_stale (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  static const guint64 SIZES[] = { 1000, 10, 300 };
  for (guint32 i = 0; i < G_N_ELEMENTS (SIZES); i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      varve_plan_add_atom (plan, name, NULL, VARVE_COMPONENT_PACKAGE)->size_bytes = SIZES[i];
    }
  varve_plan_atom (plan, 1)->probability = VARVE_PROBABILITY_ONE;
  varve_plan_add_layer (plan, (const guint32[]){ 0, 1 }, 2); /* certain to change, but for a hundredth */
  varve_plan_add_layer (plan, (const guint32[]){ 2 }, 1);
  g_assert_cmpuint (varve_keep_cheapest (plan, FALSE), ==, 0);
  g_assert_cmpuint (varve_keep_cheapest (plan, TRUE), ==, 1);
}

/* Small, or about to change anyway. */
static void
test_cheapest (void)
{
  g_autoptr (VarvePlan) plan = plan_of (3, 3), none = plan_of (1, 0);
  g_assert_cmpuint (varve_keep_cheapest (none, FALSE), ==, VARVE_NO_LAYER);
  g_assert_cmpuint (varve_keep_cheapest (plan, FALSE), ==, 0);
  varve_plan_layer (plan, 2)->size_bytes = 99;
  g_assert_cmpuint (varve_keep_cheapest (plan, FALSE), ==, 2);
  varve_plan_layer (plan, 1)->probability = VARVE_PROBABILITY_ONE;
  g_assert_cmpuint (varve_keep_cheapest (plan, FALSE), ==, 1);
  for (guint32 i = 0; i < 3; i++)
    varve_plan_layer (plan, i)->is_pinned = TRUE;
  g_assert_cmpuint (varve_keep_cheapest (plan, FALSE), ==, VARVE_NO_LAYER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keep/choose", test_choose);
  g_test_add_func ("/keep/rebase", test_rebase);
  g_test_add_func ("/keep/cheapest", test_cheapest);
  g_test_add_func ("/keep/cheapest-with-stale", test_cheapest_with_stale);
  return g_test_run ();
}
