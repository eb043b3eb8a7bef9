/* SPDX-License-Identifier: Apache-2.0 */
/* bench/tally: what a step costs, from one release before and from three, computed by hand. */
#include "bench/tally.h"

enum { N = 3 };

/* Packages a, b and c of 1, 10 and 100 bytes, each with the build of that number. */
static void
add (VarveTally *tally, const char *builds, const char *layers, VarveTallyMode mode)
{
  VarveReleasePackage packages[N]
      = { { .name = "a", .size_bytes = 1 }, { .name = "b", .size_bytes = 10 }, { .name = "c", .size_bytes = 100 } };
  VarveRelease release = { .is_first = builds[N] == '|', .packages = packages, .n_packages = N };
  guint32 numbers[N];
  for (guint i = 0; i < N; i++)
    {
      packages[i].build = (guint32)(builds[i] - '0') * N + i;
      numbers[i] = (guint32)(layers[i] - '0');
    }
  varve_tally_add (tally, &release, numbers, mode);
}

static void
test_costs (void)
{
  g_autoptr (VarveTally) tally = varve_tally_new ();
  add (tally, "000|", "011", VARVE_TALLY_COUNTED); /* the first: no update */
  add (tally, "000", "700", VARVE_TALLY_COUNTED);  /* the same layers under other numbers: 0 */
  add (tally, "010", "011", VARVE_TALLY_COUNTED);  /* b changed, c is with it: 110 */
  add (tally, "000", "011", VARVE_TALLY_COUNTED);  /* back: 110; since the first nothing: 0 */
  add (tally, "000", "012", VARVE_TALLY_COUNTED);  /* only laid out in another way: 110; since the second 110 */
  VarveTallyResult result = varve_tally_finish (tally);
  g_assert_cmpuint (result.steps, ==, 4);
  g_assert_cmpuint (result.total_bytes, ==, 330);
  g_assert_cmpuint (result.mean_bytes, ==, 83); /* 82.5 */
  g_assert_cmpuint (result.median_bytes, ==, 110);
  g_assert_cmpuint (result.p90_bytes, ==, 110);
  g_assert_cmpuint (result.lag3_mean_bytes, ==, 55);
  g_assert_cmpuint (result.full_mean_bytes, ==, 111);
  g_assert_cmpuint (result.max_layers, ==, 3);
}

/* Warming up is not counted, but is what the next release is an update of; the next file is not. */
static void
test_uncounted (void)
{
  g_autoptr (VarveTally) tally = varve_tally_new ();
  add (tally, "000|", "012", VARVE_TALLY_WARM_UP);
  add (tally, "100", "012", VARVE_TALLY_WARM_UP);
  add (tally, "110", "012", VARVE_TALLY_COUNTED);  /* 10 */
  add (tally, "999|", "012", VARVE_TALLY_COUNTED); /* another file */
  add (tally, "998", "012", VARVE_TALLY_COUNTED);  /* 100 */
  VarveTallyResult result = varve_tally_finish (tally);
  g_assert_cmpuint (result.steps, ==, 2);
  g_assert_cmpuint (result.total_bytes, ==, 110);
  g_assert_cmpuint (result.median_bytes, ==, 55);
  g_assert_cmpuint (result.p90_bytes, ==, 100);
  g_assert_cmpuint (result.lag3_mean_bytes, ==, 0);
}

static void
test_empty (void)
{
  g_autoptr (VarveTally) tally = varve_tally_new ();
  VarveRelease release = { .is_first = TRUE };
  varve_tally_add (tally, &release, NULL, VARVE_TALLY_COUNTED);
  release.is_first = FALSE;
  varve_tally_add (tally, &release, NULL, VARVE_TALLY_COUNTED);
  VarveTallyResult result = varve_tally_finish (tally);
  g_assert_cmpuint (result.steps, ==, 1);
  g_assert_cmpuint (result.total_bytes, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tally/costs", test_costs);
  g_test_add_func ("/tally/uncounted", test_uncounted);
  g_test_add_func ("/tally/empty", test_empty);
  return g_test_run ();
}
