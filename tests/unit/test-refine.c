/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/refine: local search only ever lowers the cost, and reports it truly. */
#include "chunker/refine.h"

#include "chunker/fixed.h"
#include "model/plan.h"
#include "tests/unit/prng.h"

static const VarveCostModel MODEL = { NULL, 64 * 1024, 768 };

static void
test_never_worse (void)
{
  for (guint64 seed = 1; seed <= 2000; seed++)
    {
      guint64 state = seed;
      guint32 n = (guint32)prng_below (&state, 60), max_layers = 1 + (guint32)prng_below (&state, 20);
      g_autofree VarveLoad *loads = g_new0 (VarveLoad, n);
      g_autofree guint32 *layers = g_new (guint32, n);
      for (guint32 i = 0; i < n; i++)
        {
          loads[i].risk = varve_fixed_risk ((guint32)prng_below (&state, VARVE_PROBABILITY_ONE + 1));
          loads[i].size_bytes = prng_magnitude (&state, 28);
          layers[i] = (guint32)prng_below (&state, max_layers);
        }
      guint64 before = varve_refine_cost (&MODEL, loads, n, max_layers, layers);
      guint64 after = varve_refine (&MODEL, loads, n, max_layers, layers);
      if (after > before || after != varve_refine_cost (&MODEL, loads, n, max_layers, layers))
        g_error ("seed %" G_GUINT64_FORMAT ": %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT, seed, after, before);
      for (guint32 i = 0; i < n; i++)
        g_assert_cmpuint (layers[i], <, max_layers);
    }
}

/* What is at rest stays as it is, to the last load. */
static void
test_settles (void)
{
  VarveLoad loads[] = {
    { .risk = VARVE_FIXED_ONE, .size_bytes = 50 << 20 },
    { .risk = VARVE_FIXED_ONE / 100, .size_bytes = 200 << 20 },
    { .risk = VARVE_FIXED_ONE / 90, .size_bytes = 100 << 20 },
  };
  guint32 layers[] = { 0, 0, 0 };
  guint64 first = varve_refine (&MODEL, loads, 3, 2, layers);
  g_assert_cmpuint (layers[0], !=, layers[1]);
  g_assert_cmpuint (layers[1], ==, layers[2]);
  guint32 settled[] = { layers[0], layers[1], layers[2] };
  g_assert_cmpuint (varve_refine (&MODEL, loads, 3, 2, layers), ==, first);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (layers[i], ==, settled[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refine/never-worse", test_never_worse);
  g_test_add_func ("/refine/settles", test_settles);
  return g_test_run ();
}
