/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/forecast: what the ledger knows goes into the plan. */
#include "chunker/forecast.h"

#include "chunker/recency.h"

static VarveAtom *
add (VarvePlan *plan, const char *component, const char *subtree)
{
  VarveAtom *atom = varve_plan_add_atom (plan, component, subtree, VARVE_COMPONENT_PACKAGE);
  atom->size_bytes = 10;
  atom->probability = VARVE_PROBABILITY_ONE / 10;
  return atom;
}

static VarveLedger *
ledger_of_builds (guint n_builds, guint period_days)
{
  VarveLedger *ledger = varve_ledger_new ();
  for (guint i = 0; i < n_builds; i++)
    {
      gint64 time = ((gint64)100000 - (gint64)i * period_days) * 24 * 60 * 60;
      g_array_append_val (ledger->times, time);
    }
  return ledger;
}

static void
test_known_and_unknown (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  VarveAtom *busy = add (plan, "busy", NULL), *part = add (plan, "busy", "usr/lib"), *fresh = add (plan, "fresh", NULL);
  g_autoptr (VarveLedger) ledger = ledger_of_builds (11, 30);
  VarveLedgerEntry *entry = varve_ledger_add (ledger, "busy", NULL);
  entry->n_steps = 10;
  entry->size_bytes = 77;
  entry->changed = (VarveEvents){ { 0x3ff, 0 } };
  entry = varve_ledger_add (ledger, "busy", "usr/lib");
  entry->n_steps = 10;
  entry->size_bytes = 33;
  varve_ledger_sort (ledger);
  varve_forecast (plan, ledger);
  g_assert_cmpuint (plan->n_steps, ==, 10);
  g_assert_cmpuint (busy->size_bytes, ==, 77);
  g_assert_cmpuint (busy->n_steps, ==, 10);
  g_assert_cmpuint (varve_events_count (busy->changed), ==, 10);
  g_assert_cmpuint (busy->probability, >, VARVE_PROBABILITY_ONE / 10 * 8);
  g_assert_cmpuint (part->size_bytes, ==, 33);
  g_assert_cmpuint (part->probability, <, VARVE_PROBABILITY_ONE / 10);
  g_assert_cmpuint (fresh->size_bytes, ==, 10);
  g_assert_cmpuint (fresh->probability, >, VARVE_PROBABILITY_ONE / 10); /* the others are busier than was believed */
  g_assert_cmpuint (fresh->n_steps, ==, 0);
}

/* A step in which everything changed is no step: what was quiet otherwise stays quiet, and older changes keep their
 * order. */
static void
test_rebase (void)
{
  enum { ATOMS = 20, BUILDS = 11, REBASE = 3 };
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  g_autoptr (VarveLedger) ledger = ledger_of_builds (BUILDS, 7), calm = ledger_of_builds (BUILDS - 1, 7);
  g_autoptr (VarvePlan) calm_plan = varve_plan_new ();
  for (guint i = 0; i < ATOMS; i++)
    {
      g_autofree char *name = g_strdup_printf ("atom%02u", i);
      add (plan, name, NULL);
      add (calm_plan, name, NULL);
      VarveLedgerEntry *entry = varve_ledger_add (ledger, name, NULL),
                       *calm_entry = varve_ledger_add (calm, name, NULL);
      entry->n_steps = BUILDS - 1;
      calm_entry->n_steps = BUILDS - 2;
      varve_events_set (&entry->changed, REBASE);
    }
  varve_events_set (&varve_ledger_entry (ledger, 0)->changed, REBASE + 1);
  varve_events_set (&varve_ledger_entry (calm, 0)->changed, REBASE);
  varve_forecast (plan, ledger);
  varve_forecast (calm_plan, calm);
  g_assert_cmpuint (plan->n_steps, ==, BUILDS - 2);
  for (guint i = 0; i < ATOMS; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, i), *calm_atom = varve_plan_atom (calm_plan, i);
      g_assert_cmpuint (atom->n_steps, ==, BUILDS - 2);
      g_assert_true (varve_events_equal (atom->changed, calm_atom->changed));
      g_assert_cmpuint (atom->probability, ==, calm_atom->probability);
    }
}

/* What changes at most builds is known after a few; of what seldom does, a few quiet builds say little. */
static void
test_rare_changes (void)
{
  enum { STEPS = 6 };
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  g_autoptr (VarveLedger) ledger = ledger_of_builds (STEPS + 1, 7);
  VarveAtom *rare = add (plan, "rare", NULL), *frequent = add (plan, "frequent", NULL);
  rare->probability = VARVE_PROBABILITY_ONE / 100;
  frequent->probability = VARVE_PROBABILITY_ONE / 10 * 9;
  frequent->kind = VARVE_COMPONENT_GENERATED;
  varve_ledger_add (ledger, "frequent", NULL)->n_steps = STEPS;
  varve_ledger_add (ledger, "rare", NULL)->n_steps = STEPS;
  varve_ledger_sort (ledger);
  varve_forecast (plan, ledger);
  g_assert_cmpuint (rare->probability, >, VARVE_PROBABILITY_ONE / 150);
  g_assert_cmpuint (frequent->probability, <, VARVE_PROBABILITY_ONE / 4);
}

/* Nothing was seen of an atom that came with the newest build, but much of others: if those change half as often as
 * believed, so does it. */
static void
test_scaled_by_others (void)
{
  enum { ATOMS = 200, STEPS = 100 };
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  g_autoptr (VarveLedger) ledger = ledger_of_builds (STEPS + 1, 7);
  for (guint i = 0; i < ATOMS; i++)
    {
      g_autofree char *name = g_strdup_printf ("atom%03u", i);
      VarveLedgerEntry *entry = varve_ledger_add (ledger, name, NULL);
      entry->n_steps = STEPS;
      for (guint step = i % 20; step < STEPS; step += 20) /* one in twenty; believed was one in ten */
        varve_events_set (&entry->changed, step);
      add (plan, name, NULL);
    }
  VarveAtom *fresh = add (plan, "fresh", NULL), *likelier = add (plan, "likelier", NULL),
            *unowned = add (plan, "unowned", NULL);
  likelier->probability *= 2;
  unowned->kind = VARVE_COMPONENT_UNOWNED;
  varve_ledger_add (ledger, "fresh", NULL);
  varve_ledger_add (ledger, "likelier", NULL);
  varve_ledger_add (ledger, "unowned", NULL);
  varve_forecast (plan, ledger);
  g_assert_cmpfloat_with_epsilon ((double)fresh->probability / VARVE_PROBABILITY_ONE, 0.05, 0.003);
  g_assert_cmpfloat_with_epsilon ((double)likelier->probability / VARVE_PROBABILITY_ONE, 0.1, 0.006);
  g_assert_cmpuint (unowned->probability, ==, VARVE_PROBABILITY_ONE / 10); /* nothing was seen of its kind */
}

/* However much more is seen than was believed, nothing is certain. */
static void
test_scaled_at_most (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  g_autoptr (VarveLedger) ledger = ledger_of_builds (101, 7);
  VarveLedgerEntry *entry = varve_ledger_add (ledger, "busy", NULL);
  entry->n_steps = 100;
  entry->changed = (VarveEvents){ { G_MAXUINT64, (G_GUINT64_CONSTANT (1) << 36) - 1 } };
  varve_ledger_add (ledger, "fresh", NULL);
  add (plan, "busy", NULL)->probability = 1;
  VarveAtom *fresh = add (plan, "fresh", NULL);
  varve_forecast (plan, ledger);
  g_assert_cmpuint (fresh->probability, ==, VARVE_PROBABILITY_ONE / 10 * 9);
}

/* The first build has only what was believed before. */
static void
test_first_build (void)
{
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  VarveAtom *atom = add (plan, "a", NULL);
  g_autoptr (VarveLedger) ledger = varve_ledger_advance (NULL, plan, 5);
  varve_forecast (plan, ledger);
  g_assert_cmpuint (plan->n_steps, ==, 0);
  g_assert_cmpuint (atom->probability, ==, VARVE_PROBABILITY_ONE / 10);
  g_assert_cmpuint (atom->size_bytes, ==, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/forecast/known-and-unknown", test_known_and_unknown);
  g_test_add_func ("/forecast/rebase", test_rebase);
  g_test_add_func ("/forecast/rare-changes", test_rare_changes);
  g_test_add_func ("/forecast/scaled-by-others", test_scaled_by_others);
  g_test_add_func ("/forecast/scaled-at-most", test_scaled_at_most);
  g_test_add_func ("/forecast/first-build", test_first_build);
  return g_test_run ();
}
