/* SPDX-License-Identifier: Apache-2.0 */
/* bench/tally: what a step costs, from one release before and from three, computed by hand. */
#include "bench/tally.h"

enum { N = 3 };

/* Packages a, b and c of 1, 10 and 100 bytes, each with the build of that number. */
static void
add_with_blobs (VarveTally *tally, const char *builds, const char *layers, const VarvePolicyLayout *known,
                VarveTallyMode mode)
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
  VarvePolicyLayout layout = { .layers = numbers, .blobs = known->blobs, .stale_bytes = known->stale_bytes };
  varve_tally_add (tally, &release, &layout, mode);
}

static void
add (VarveTally *tally, const char *builds, const char *layers, VarveTallyMode mode)
{
  guint64 none[10] = { 0 };
  add_with_blobs (tally, builds, layers, &(VarvePolicyLayout){ .blobs = none, .stale_bytes = none }, mode);
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

/* A kept blob costs nothing, whatever is left of it in the release; a new host also downloads what is stale. */
static void
test_stale (void)
{
  g_autoptr (VarveTally) tally = varve_tally_new ();
  guint64 first[] = { 1, 2 }, second[] = { 1, 3 }, none[] = { 0, 0 }, stale[] = { 10, 0 };
  add_with_blobs (tally, "000|", "001", &(VarvePolicyLayout){ .blobs = first, .stale_bytes = none },
                  VARVE_TALLY_COUNTED);
  add_with_blobs (tally, "010", "011", &(VarvePolicyLayout){ .blobs = second, .stale_bytes = stale },
                  VARVE_TALLY_COUNTED); /* b left blob 1 */
  VarveTallyResult result = varve_tally_finish (tally);
  g_assert_cmpuint (result.total_bytes, ==, 110);
  g_assert_cmpuint (result.full_mean_bytes, ==, 121);
  g_assert_cmpuint (result.stale_total_bytes, ==, 10);
}

static void
test_empty (void)
{
  g_autoptr (VarveTally) tally = varve_tally_new ();
  VarveRelease release = { .is_first = TRUE };
  varve_tally_add (tally, &release, &(VarvePolicyLayout){ 0 }, VARVE_TALLY_COUNTED);
  release.is_first = FALSE;
  varve_tally_add (tally, &release, &(VarvePolicyLayout){ 0 }, VARVE_TALLY_COUNTED);
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
  g_test_add_func ("/tally/stale", test_stale);
  g_test_add_func ("/tally/empty", test_empty);
  return g_test_run ();
}
