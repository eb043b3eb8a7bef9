/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/cost: what a layer is expected to cost grows with what is in it, and what changes together costs less
 * together. */
#include "chunker/cost.h"

#include "chunker/fixed.h"
#include "model/plan.h"
#include "tests/unit/prng.h"

enum { CHANGED_BYTES = 64 * 1024, ALWAYS_BYTES = 768, PRIOR_STEPS = 2 };

static VarveLoad
random_load (guint64 *state, guint32 n_steps)
{
  VarveLoad load = { .size_bytes = prng_magnitude (state, 30) };
  load.risk = varve_fixed_risk ((guint32)prng_below (state, VARVE_PROBABILITY_ONE + 1));
  load.unseen_risk = load.risk / (1 + prng_below (state, 10));
  for (guint step = 0; step < n_steps; step++)
    if (prng_below (state, 8) == 0)
      varve_events_set (&load.changed, step);
  return load;
}

static void
test_without_memory (void)
{
  g_autofree VarveRecency *recency = g_new (VarveRecency, 1);
  varve_recency_init (recency, 0, PRIOR_STEPS);
  VarveCostModel blank = { NULL, CHANGED_BYTES, ALWAYS_BYTES, FALSE },
                 empty = { recency, CHANGED_BYTES, ALWAYS_BYTES, FALSE };
  guint64 state = 1;
  for (guint i = 0; i < 1000; i++)
    {
      VarveLoad load = random_load (&state, 0);
      guint64 chance = varve_fixed_chance (load.risk);
      g_assert_cmpuint (varve_cost_chance (&blank, &load), ==, chance);
      g_assert_cmpuint (varve_cost (&blank, &load), ==, varve_cost (&empty, &load));
      double bytes
          = (double)chance / (double)VARVE_FIXED_ONE * (double)(load.size_bytes + CHANGED_BYTES) + ALWAYS_BYTES;
      g_assert_cmpfloat_with_epsilon ((double)varve_cost (&blank, &load) / (double)VARVE_COST_BYTE, bytes, 0.001);
    }
}

/* Where stale layers may be kept, a large quiet neighbour costs a small busy atom nothing. */
static void
test_stale (void)
{
  VarveCostModel opened = { NULL, CHANGED_BYTES, ALWAYS_BYTES, FALSE };
  VarveCostModel kept = { NULL, CHANGED_BYTES, ALWAYS_BYTES, TRUE };
  VarveLoad busy = { .risk = varve_fixed_risk (VARVE_PROBABILITY_ONE / 2),
                     .size_bytes = 1000000,
                     .expected = 500000 * VARVE_COST_BYTE };
  VarveLoad quiet = { .size_bytes = 100000000 }, both = varve_load_add (&busy, &quiet);
  guint64 always = ALWAYS_BYTES * VARVE_COST_BYTE;
  g_assert_cmpuint (varve_cost (&kept, &busy), ==, varve_cost (&opened, &busy));
  g_assert_cmpuint (varve_cost (&opened, &both), >, 50000000 * VARVE_COST_BYTE);
  g_assert_cmpuint (varve_cost (&kept, &both), ==, 1500000 * VARVE_COST_BYTE + always);
}

/* Two loads in one layer: never likelier to stay than the likelier to change of them, nor dearer than the sum of sizes.
 */
static void
test_grows (void)
{
  g_autofree VarveRecency *recency = g_new (VarveRecency, 1);
  guint64 state = 2;
  for (guint i = 0; i < 5000; i++)
    {
      guint32 n_steps = (guint32)prng_below (&state, VARVE_EVENTS_MAX);
      varve_recency_init (recency, n_steps, PRIOR_STEPS);
      VarveCostModel model = { recency, CHANGED_BYTES, ALWAYS_BYTES, FALSE };
      VarveLoad a = random_load (&state, n_steps), b = random_load (&state, n_steps), both = varve_load_add (&a, &b);
      guint64 chance = varve_cost_chance (&model, &both);
      g_assert_cmpuint (chance, <=, VARVE_FIXED_ONE);
      g_assert_cmpuint (chance, >=, varve_cost_chance (&model, &a));
      g_assert_cmpuint (chance, >=, varve_cost_chance (&model, &b));
      g_assert_cmpuint (varve_cost (&model, &both), >=, varve_cost (&model, &a));
      g_assert_cmpuint (varve_cost (&model, &both), <=,
                        (both.size_bytes + CHANGED_BYTES + ALWAYS_BYTES) * VARVE_COST_BYTE);
    }
}

/* Two that always changed in the same steps cost less in one layer than two that never did. */
static void
test_together (void)
{
  g_autofree VarveRecency *recency = g_new (VarveRecency, 1);
  varve_recency_init (recency, 40, PRIOR_STEPS);
  VarveCostModel model = { recency, CHANGED_BYTES, ALWAYS_BYTES, FALSE };
  VarveLoad a = { .risk = varve_fixed_risk (VARVE_PROBABILITY_ONE / 4), .unseen_risk = 1000, .size_bytes = 10 << 20 };
  VarveLoad twin = a, stranger = a;
  for (guint step = 0; step < 40; step += 4)
    {
      varve_events_set (&a.changed, step);
      varve_events_set (&twin.changed, step);
      varve_events_set (&stranger.changed, step + 1);
    }
  VarveLoad with_twin = varve_load_add (&a, &twin), with_stranger = varve_load_add (&a, &stranger);
  g_assert_cmpuint (varve_cost (&model, &with_twin), <, varve_cost (&model, &with_stranger));
}

static void
test_largest (void)
{
  g_autofree VarveRecency *recency = g_new (VarveRecency, 1);
  varve_recency_init (recency, VARVE_EVENTS_MAX, PRIOR_STEPS);
  VarveCostModel model = { recency, G_MAXUINT32, G_MAXUINT32 };
  VarveLoad load = { .risk = 100000 * varve_fixed_risk (VARVE_PROBABILITY_ONE),
                     .changed = { { G_MAXUINT64, G_MAXUINT64 } },
                     .size_bytes = VARVE_COST_SIZE_MAX };
  load.unseen_risk = load.risk;
  g_assert_cmpuint (varve_cost_chance (&model, &load), <=, VARVE_FIXED_ONE);
  g_assert_cmpuint (varve_cost (&model, &load), >, VARVE_COST_SIZE_MAX * (VARVE_COST_BYTE / 2));
  g_assert_cmpuint (varve_cost (&model, &load), <=, (VARVE_COST_SIZE_MAX + 2 * (guint64)G_MAXUINT32) * VARVE_COST_BYTE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cost/stale", test_stale);
  g_test_add_func ("/cost/without-memory", test_without_memory);
  g_test_add_func ("/cost/grows", test_grows);
  g_test_add_func ("/cost/together", test_together);
  g_test_add_func ("/cost/largest", test_largest);
  return g_test_run ();
}
