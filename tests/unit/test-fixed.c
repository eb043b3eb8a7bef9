/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/fixed: precision against libm, order, ends. */
#include "chunker/fixed.h"

#include <math.h>

#include "model/plan.h"

static const double ULP = 1.0 / 4294967296.0;

static void
test_risk (void)
{
  guint64 before = 0;
  g_assert_cmpuint (varve_fixed_risk (0), ==, 0);
  for (guint32 p = 1; p <= VARVE_PROBABILITY_ONE; p++)
    {
      guint64 risk = varve_fixed_risk (p);
      double stays = p < VARVE_PROBABILITY_ONE ? VARVE_PROBABILITY_ONE - p : 0.5;
      g_assert_cmpfloat_with_epsilon (risk * ULP, -log (stays / VARVE_PROBABILITY_ONE), 2 * ULP);
      g_assert_cmpuint (risk, >, before);
      before = risk;
    }
  g_assert_cmpuint (varve_fixed_risk (G_MAXUINT32), ==, before);
}

static void
test_chance (void)
{
  guint64 before = 0;
  for (guint64 risk = 0; risk < 40 * VARVE_FIXED_ONE; risk += risk / 4096 + 1)
    {
      guint64 chance = varve_fixed_chance (risk);
      g_assert_cmpfloat_with_epsilon (chance * ULP, -expm1 (-(double)risk * ULP), 2 * ULP);
      g_assert_cmpuint (chance, >=, before);
      before = chance;
    }
  g_assert_cmpuint (varve_fixed_chance (0), ==, 0);
  g_assert_cmpuint (varve_fixed_chance (G_MAXUINT64), ==, VARVE_FIXED_ONE);
}

/* Where the table's entries meet: the likeliest place to go down by a bit. */
static void
test_chance_ascends (void)
{
  for (guint i = 1; i < 23 * 23; i++)
    {
      guint64 seam = (guint64)(i * (log (2) / 16) / ULP), before = 0;
      for (guint64 risk = seam - 200; risk < seam + 200; risk++)
        {
          guint64 chance = varve_fixed_chance (risk);
          g_assert_cmpuint (chance, >=, before);
          before = chance;
        }
    }
}

static void
test_round_trip (void)
{
  for (guint32 p = 0; p <= VARVE_PROBABILITY_ONE; p++)
    {
      guint32 back = varve_fixed_probability (varve_fixed_chance (varve_fixed_risk (p)));
      g_assert_cmpuint (back, ==, p);
    }
}

/* The very bits, which must not differ between machines. */
static void
test_golden (void)
{
  g_assert_cmphex (varve_fixed_risk (1), ==, 0x10001);
  g_assert_cmphex (varve_fixed_risk (VARVE_PROBABILITY_ONE / 2), ==, 0xb17217f8);
  g_assert_cmphex (varve_fixed_chance (VARVE_FIXED_ONE), ==, 0xa1d2a727);
  g_assert_cmphex (varve_fixed_chance (VARVE_FIXED_ONE / 10), ==, 0x185c9331);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fixed/risk", test_risk);
  g_test_add_func ("/fixed/chance", test_chance);
  g_test_add_func ("/fixed/chance-ascends", test_chance_ascends);
  g_test_add_func ("/fixed/round-trip", test_round_trip);
  g_test_add_func ("/fixed/golden", test_golden);
  return g_test_run ();
}
