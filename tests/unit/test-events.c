/* SPDX-License-Identifier: Apache-2.0 */
/* model/events: each operation on bits against the same one on a row of booleans. */
#include "model/events.h"

#include "tests/unit/prng.h"

typedef struct {
  gboolean happened[VARVE_EVENTS_MAX];
} Row;

static Row
row_of (VarveEvents events)
{
  Row row;
  for (guint step = 0; step < VARVE_EVENTS_MAX; step++)
    row.happened[step] = varve_events_has (events, step);
  return row;
}

static VarveEvents
random_events (guint64 *state)
{
  VarveEvents events = { { 0, 0 } };
  guint64 n = prng_below (state, VARVE_EVENTS_MAX);
  for (guint64 i = 0; i < n; i++)
    varve_events_set (&events, (guint)prng_below (state, VARVE_EVENTS_MAX));
  return events;
}

static void
assert_row (const Row *row, VarveEvents events)
{
  guint n = 0;
  for (guint step = 0; step < VARVE_EVENTS_MAX; step++)
    {
      g_assert_true (row->happened[step] == varve_events_has (events, step));
      n += row->happened[step] != FALSE;
    }
  g_assert_cmpuint (varve_events_count (events), ==, n);
}

static void
test_set_and_has (void)
{
  for (guint step = 0; step < VARVE_EVENTS_MAX; step++)
    {
      VarveEvents events = { { 0, 0 } };
      varve_events_set (&events, step);
      for (guint other = 0; other < 2 * VARVE_EVENTS_MAX; other++)
        g_assert_true (varve_events_has (events, other) == (other == step));
      g_assert_cmpuint (varve_events_count (events), ==, 1);
    }
  VarveEvents none = { { 0, 0 } };
  varve_events_set (&none, VARVE_EVENTS_MAX); /* too old to be remembered */
  g_assert_cmpuint (varve_events_count (none), ==, 0);
}

static void
test_age (void)
{
  guint64 state = 1;
  for (guint steps = 0; steps <= VARVE_EVENTS_MAX + 70; steps++)
    {
      VarveEvents events = random_events (&state);
      Row row = row_of (events), aged = { { FALSE } };
      for (guint step = 0; step + steps < VARVE_EVENTS_MAX; step++)
        aged.happened[step + steps] = row.happened[step];
      assert_row (&aged, varve_events_age (events, steps));
    }
}

static void
test_newest (void)
{
  guint64 state = 2;
  for (guint n_steps = 0; n_steps <= VARVE_EVENTS_MAX + 70; n_steps++)
    {
      VarveEvents events = random_events (&state);
      Row row = row_of (events);
      for (guint step = n_steps; step < VARVE_EVENTS_MAX; step++)
        row.happened[step] = FALSE;
      assert_row (&row, varve_events_newest (events, n_steps));
    }
}

static void
test_sets (void)
{
  guint64 state = 3;
  for (guint i = 0; i < 1000; i++)
    {
      VarveEvents a = random_events (&state), b = random_events (&state);
      Row all = row_of (a), both = row_of (a), without = row_of (a), of_b = row_of (b);
      for (guint step = 0; step < VARVE_EVENTS_MAX; step++)
        {
          all.happened[step] = all.happened[step] || of_b.happened[step];
          both.happened[step] = both.happened[step] && of_b.happened[step];
          without.happened[step] = without.happened[step] && !of_b.happened[step];
        }
      assert_row (&all, varve_events_union (a, b));
      assert_row (&both, varve_events_both (a, b));
      assert_row (&without, varve_events_without (a, b));
      g_assert_true (varve_events_equal (a, a));
      guint n_different
          = varve_events_count (varve_events_without (a, b)) + varve_events_count (varve_events_without (b, a));
      g_assert_true (varve_events_equal (a, b) == (n_different == 0));
    }
}

static void
test_drop (void)
{
  guint64 state = 4;
  for (guint i = 0; i < 1000; i++)
    {
      VarveEvents events = random_events (&state), dropped = random_events (&state);
      Row row = row_of (events), of_dropped = row_of (dropped), left = { { FALSE } };
      guint n_kept = 0;
      for (guint step = 0; step < VARVE_EVENTS_MAX; step++)
        if (!of_dropped.happened[step])
          left.happened[n_kept++] = row.happened[step];
      assert_row (&left, varve_events_drop (events, dropped));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/events/set-and-has", test_set_and_has);
  g_test_add_func ("/events/age", test_age);
  g_test_add_func ("/events/newest", test_newest);
  g_test_add_func ("/events/sets", test_sets);
  g_test_add_func ("/events/drop", test_drop);
  return g_test_run ();
}
