/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/recency: shares and probabilities as their definition gives them, and never certainty. */
#include "chunker/recency.h"

#include "chunker/fixed.h"
#include "model/plan.h"
#include "tests/unit/prng.h"

enum { PRIOR_STEPS = 2 };

static VarveEvents
random_events (guint64 *state, guint32 n_steps)
{
  VarveEvents events = { { 0, 0 } };
  for (guint step = 0; step < n_steps; step++)
    if (prng_below (state, 3) == 0)
      varve_events_set (&events, step);
  return events;
}

static VarveEvents
all_events (void)
{
  return (VarveEvents){ { G_MAXUINT64, G_MAXUINT64 } };
}

/* The weight of a set is the sum over its steps, each of which weighs less than the one before. */
static void
test_weights (void)
{
  guint64 state = 1;
  for (guint32 n_steps = 0; n_steps <= VARVE_EVENTS_MAX; n_steps++)
    {
      VarveRecency recency;
      varve_recency_init (&recency, n_steps, PRIOR_STEPS);
      g_assert_cmpuint (recency.n_steps, ==, n_steps);
      guint64 before = VARVE_RECENCY_ONE + 1, total = 0;
      VarveEvents some = random_events (&state, n_steps);
      guint64 of_some = 0;
      for (guint32 step = 0; step < n_steps; step++)
        {
          VarveEvents one = { { 0, 0 } };
          varve_events_set (&one, step);
          guint64 weight = varve_recency_weight (&recency, one);
          g_assert_cmpuint (weight, >, 0);
          g_assert_cmpuint (weight, <, before);
          before = weight;
          total += weight;
          of_some += varve_events_has (some, step) ? weight : 0;
        }
      g_assert_cmpuint (recency.total, ==, total);
      g_assert_cmpuint (varve_recency_weight (&recency, some), ==, of_some);
      g_assert_cmpuint (varve_recency_weight (&recency, all_events ()), ==, total); /* what is older weighs nothing */
    }
}

static void
test_too_many_steps (void)
{
  VarveRecency recency;
  varve_recency_init (&recency, 100000, PRIOR_STEPS);
  g_assert_cmpuint (recency.n_steps, ==, VARVE_EVENTS_MAX);
}

/* However often it changed, there is a chance that it does not. */
static void
test_share (void)
{
  guint64 state = 2;
  for (guint32 n_steps = 0; n_steps <= VARVE_EVENTS_MAX; n_steps++)
    {
      VarveRecency recency;
      varve_recency_init (&recency, n_steps, PRIOR_STEPS);
      g_assert_cmpuint (varve_recency_share (&recency, (VarveEvents){ { 0, 0 } }), ==, 0);
      guint64 all = varve_recency_share (&recency, all_events ());
      g_assert_cmpuint (all, <, VARVE_FIXED_ONE);
      VarveEvents some = random_events (&state, n_steps);
      guint64 share = varve_recency_share (&recency, some);
      g_assert_cmpuint (share, <=, all);
      double expected = (double)varve_recency_weight (&recency, some)
                        / ((double)recency.total + PRIOR_STEPS * (double)VARVE_RECENCY_ONE);
      g_assert_cmpfloat_with_epsilon ((double)share / (double)VARVE_FIXED_ONE, expected, 1e-6);
    }
}

static void
test_probability (void)
{
  VarveRecency recency;
  varve_recency_init (&recency, 20, PRIOR_STEPS);
  static const guint32 PRIORS[] = { 0, 1, 5000, VARVE_PROBABILITY_ONE / 2, VARVE_PROBABILITY_ONE };
  for (guint i = 0; i < G_N_ELEMENTS (PRIORS); i++)
    {
      VarveEvents none = { { 0, 0 } };
      /* Without a past the belief stands; with one it moves towards what happened, and more so the longer that is. */
      g_assert_cmpuint (varve_recency_probability (&recency, none, 0, (VarvePrior){ PRIORS[i], PRIOR_STEPS }), ==,
                        PRIORS[i]);
      guint32 quiet_before = PRIORS[i], busy_before = PRIORS[i];
      for (guint32 n_steps = 1; n_steps <= 20; n_steps++)
        {
          guint32 quiet = varve_recency_probability (&recency, none, n_steps, (VarvePrior){ PRIORS[i], PRIOR_STEPS });
          guint32 busy
              = varve_recency_probability (&recency, all_events (), n_steps, (VarvePrior){ PRIORS[i], PRIOR_STEPS });
          g_assert_cmpuint (quiet, <=, quiet_before);
          g_assert_cmpuint (busy, >=, busy_before);
          g_assert_cmpuint (busy, <=, VARVE_PROBABILITY_ONE);
          quiet_before = quiet;
          busy_before = busy;
        }
    }
}

/* A change of yesterday says more than one of long ago; changes from before it was there say nothing. */
static void
test_probability_by_age (void)
{
  VarveRecency recency;
  varve_recency_init (&recency, 100, PRIOR_STEPS);
  guint32 before = VARVE_PROBABILITY_ONE;
  for (guint step = 0; step < 100; step++)
    {
      VarveEvents one = { { 0, 0 } };
      varve_events_set (&one, step);
      guint32 probability = varve_recency_probability (&recency, one, 100, (VarvePrior){ 3000, PRIOR_STEPS });
      g_assert_cmpuint (probability, <=, before);
      before = probability;
      g_assert_cmpuint (
          varve_recency_probability (&recency, one, step, (VarvePrior){ 3000, PRIOR_STEPS }), ==,
          varve_recency_probability (&recency, (VarveEvents){ { 0, 0 } }, step, (VarvePrior){ 3000, PRIOR_STEPS }));
    }
}

/* Half a change is expected in so many steps. */
static void
test_prior_steps (void)
{
  static const struct {
    guint32 mean, expected;
  } CASES[] = { { 0, VARVE_EVENTS_MAX },          { 1, VARVE_EVENTS_MAX },          { VARVE_PROBABILITY_ONE / 50, 25 },
                { VARVE_PROBABILITY_ONE / 8, 4 }, { VARVE_PROBABILITY_ONE / 2, 2 }, { VARVE_PROBABILITY_ONE, 2 } };
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    g_assert_cmpuint (varve_recency_prior_steps (CASES[i].mean), ==, CASES[i].expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recency/weights", test_weights);
  g_test_add_func ("/recency/too-many-steps", test_too_many_steps);
  g_test_add_func ("/recency/share", test_share);
  g_test_add_func ("/recency/probability", test_probability);
  g_test_add_func ("/recency/probability-by-age", test_probability_by_age);
  g_test_add_func ("/recency/prior-steps", test_prior_steps);
  return g_test_run ();
}
