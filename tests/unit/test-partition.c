/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/partition: against the exact programme, which tries every start of every run. */
#include "chunker/partition.h"

#include "chunker/fixed.h"
#include "model/plan.h"
#include "tests/unit/prng.h"

static const VarveCostModel MODEL = { NULL, 64 * 1024, 768 };

static int
compare_ratio (gconstpointer a, gconstpointer b)
{
  const VarveLoad *left = a, *right = b;
  unsigned __int128 l = (unsigned __int128)left->risk * right->size_bytes;
  unsigned __int128 r = (unsigned __int128)right->risk * left->size_bytes;
  return (l < r) - (l > r);
}

/* A row ordered by risk per byte, of atoms up to @probability_max; one in three is at it. */
static VarveLoad *
random_row (guint64 *state, guint32 n, guint32 probability_max)
{
  VarveLoad *loads = g_new0 (VarveLoad, n);
  for (guint32 i = 0; i < n; i++)
    {
      guint32 probability = 1 + (guint32)(prng_below (state, probability_max) >> prng_below (state, 8));
      loads[i].risk = varve_fixed_risk (prng_below (state, 3) == 0 ? probability_max : probability);
      loads[i].size_bytes = 1 + prng_magnitude (state, 28);
    }
  if (n > 1)
    qsort (loads, n, sizeof *loads, compare_ratio);
  return loads;
}

static guint64
exact_cost (const VarveLoad *loads, guint32 n, guint32 max_layers)
{
  g_autofree VarveLoad *sums = g_new0 (VarveLoad, n + 1);
  for (guint32 i = 0; i < n; i++)
    sums[i + 1] = varve_load_add (&sums[i], &loads[i]);
  g_autofree guint64 *best = g_new (guint64, n + 1);
  for (guint32 j = 1; j <= n; j++)
    best[j] = G_MAXUINT64;
  best[0] = 0;
  for (guint32 k = 0; k < MIN (max_layers, n); k++)
    for (guint32 j = n; j > 0; j--) /* at most k + 1 runs; going down, best[i] is still of the round before */
      for (guint32 i = 0; i < j; i++)
        if (best[i] != G_MAXUINT64)
          {
            VarveLoad run
                = { .risk = sums[j].risk - sums[i].risk, .size_bytes = sums[j].size_bytes - sums[i].size_bytes };
            best[j] = MIN (best[j], best[i] + varve_cost (&MODEL, &run));
          }
  return best[n];
}

/* The cost of what the partition gave, after checking its shape. */
static guint64
checked_cost (const VarveLoad *loads, guint32 n, guint32 max_layers)
{
  g_autofree guint32 *layers = g_new (guint32, n);
  guint32 n_layers = varve_partition (&MODEL, loads, n, max_layers, layers);
  g_assert_cmpuint (n_layers, <=, max_layers);
  g_assert_cmpuint (layers[0], ==, 0);
  g_assert_cmpuint (layers[n - 1], ==, n_layers - 1);
  guint64 cost = 0;
  VarveLoad sum = { 0 };
  for (guint32 i = 0; i < n; i++)
    {
      if (i > 0)
        g_assert_true (layers[i] == layers[i - 1] || layers[i] == layers[i - 1] + 1);
      sum = varve_load_add (&sum, &loads[i]);
      if (i + 1 < n && layers[i + 1] == layers[i])
        continue;
      cost += varve_cost (&MODEL, &sum);
      sum = (VarveLoad){ 0 };
    }
  return cost;
}

/* Compares on many worlds: @worst_percent and @mean_per_mille bound how far from exact a single one and their sum may
 * be. */
static void
compare_with_exact (guint32 probability_max, guint worst_percent, guint mean_per_mille)
{
  double found_sum = 0, exact_sum = 0, worst = 1;
  guint n_exact = 0, n_worlds = 3000;
  for (guint64 seed = 1; seed <= n_worlds; seed++)
    {
      guint64 state = seed;
      guint32 n = 1 + (guint32)prng_below (&state, 40), max_layers = 1 + (guint32)prng_below (&state, 12);
      g_autofree VarveLoad *loads = random_row (&state, n, probability_max);
      guint64 found = checked_cost (loads, n, max_layers), exact = exact_cost (loads, n, max_layers);
      if (found < exact || found > exact + exact * worst_percent / 100)
        g_error ("seed %lu: found %lu, exact %lu", (gulong)seed, (gulong)found, (gulong)exact);
      n_exact += found == exact;
      worst = MAX (worst, (double)found / (double)exact);
      found_sum += (double)found / (double)exact;
      exact_sum += 1;
    }
  g_test_message ("exact in %u of %u worlds, mean %.5f, worst %.4f", n_exact, n_worlds, found_sum / exact_sum, worst);
  g_assert_cmpfloat (found_sum, <=, exact_sum * (1000 + mean_per_mille) / 1000);
}

static void
test_near_exact (void)
{
  compare_with_exact (VARVE_PROBABILITY_ONE / 20 * 19, 1, 1);
}

static void
test_near_exact_when_certain (void)
{
  compare_with_exact (VARVE_PROBABILITY_ONE, 2, 1);
}

static void
test_ends (void)
{
  VarveLoad loads[8] = { 0 };
  guint32 layers[8];
  g_assert_cmpuint (varve_partition (&MODEL, loads, 0, 5, layers), ==, 0);
  for (guint i = 0; i < 8; i++)
    loads[i] = (VarveLoad){ .risk = VARVE_FIXED_ONE / 4, .size_bytes = 10 << 20 };
  g_assert_cmpuint (varve_partition (&MODEL, loads, 8, 1, layers), ==, 1);
  g_assert_cmpuint (varve_partition (&MODEL, loads, 8, 499, layers), ==, 8);
  /* A layer of their own would cost tiny ones more than it saves. */
  for (guint i = 0; i < 8; i++)
    loads[i].size_bytes = 10;
  g_assert_cmpuint (varve_partition (&MODEL, loads, 8, 499, layers), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/partition/near-exact", test_near_exact);
  g_test_add_func ("/partition/near-exact-when-certain", test_near_exact_when_certain);
  g_test_add_func ("/partition/ends", test_ends);
  return g_test_run ();
}
