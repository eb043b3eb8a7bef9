/* SPDX-License-Identifier: Apache-2.0 */
/* bench/policy-varve: source packages stay together, parts of firmware do not, unchanged releases keep their layers,
 * and dates after a release have no effect on it. */
#include "tests/unit/policy-world.h"

enum { N = 4, DAY_SECONDS = 24 * 60 * 60 };

typedef struct {
  VarveReleasePackage packages[N];
  VarveRelease release;
} World;

static const VarveReleasePackage PACKAGES[N] = {
  { .name = "atheros", .source = "linux-firmware", .version = "1", .build = 0, .size_bytes = 90000000 },
  { .name = "intel", .source = "linux-firmware", .version = "1", .build = 1, .size_bytes = 80000000 },
  { .name = "samba", .source = "samba", .version = "1", .build = 2, .size_bytes = 70000000 },
  { .name = "samba-libs", .source = "samba", .version = "1", .build = 3, .size_bytes = 60000000 },
};

static void
world_init (World *world)
{
  for (guint i = 0; i < N; i++)
    {
      world->packages[i] = PACKAGES[i];
      world->packages[i].changelog_entries = VARVE_COMPONENTS_TABLE_UNKNOWN;
    }
  world->release = (VarveRelease){
    .name = "1", .date = 19000 * (gint64)DAY_SECONDS, .is_first = TRUE, .packages = world->packages, .n_packages = N
  };
}

/* The layer of each package. */
static void
step (gpointer state, const World *world, guint32 *out_layers)
{
  guint64 blobs[N] = { 0 }, stale_bytes[N] = { 0 };
  VarvePolicyLayout layout = { .layers = out_layers, .blobs = blobs, .stale_bytes = stale_bytes };
  varve_policy_varve.step (state, &world->release, &layout);
}

static void
test_sources (void)
{
  World world;
  guint32 layers[N], next[N];
  world_init (&world);
  gpointer state = varve_policy_varve.create (&(VarvePolicyOptions){ .max_layers = 64 });
  step (state, &world, layers);
  g_assert_cmpuint (layers[0], !=, layers[1]);
  g_assert_cmpuint (layers[2], ==, layers[3]);
  g_assert_cmpuint (layers[2], !=, layers[0]);
  world.release.date += 7 * DAY_SECONDS;
  step (state, &world, next);
  g_assert_cmpmem (layers, sizeof layers, next, sizeof next);
  varve_policy_varve.destroy (state);
}

/* As if a build had read the changelog on that day. */
static void
test_future_dates (void)
{
  World world;
  guint32 layers[N], next[N];
  world_init (&world);
  g_autoptr (GArray) past = g_array_new (FALSE, FALSE, sizeof (gint64)),
                     past_and_future = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (gint64 age_days = -100; age_days <= 300; age_days += 20)
    {
      gint64 time = world.release.date - age_days * DAY_SECONDS;
      if (age_days >= 0)
        g_array_append_val (past, time);
      g_array_append_val (past_and_future, time);
    }
  gpointer one = varve_policy_varve.create (&(VarvePolicyOptions){ .max_layers = 2 }),
           other = varve_policy_varve.create (&(VarvePolicyOptions){ .max_layers = 2 });
  world.packages[0].changelog_times = past;
  step (one, &world, layers);
  world.packages[0].changelog_times = past_and_future;
  step (other, &world, next);
  g_assert_cmpmem (layers, sizeof layers, next, sizeof next);
  varve_policy_varve.destroy (one);
  varve_policy_varve.destroy (other);
}

/* One layer for all, and never more than asked for. */
static void
test_limit (void)
{
  World world;
  guint32 layers[N];
  world_init (&world);
  gpointer state = varve_policy_varve.create (&(VarvePolicyOptions){ .max_layers = 1 });
  step (state, &world, layers);
  for (guint i = 1; i < N; i++)
    g_assert_cmpuint (layers[i], ==, layers[0]);
  varve_policy_varve.destroy (state);
}

/* Of a layer in which little changed, the rest is kept where that is allowed, and what changed is in another blob. */
static void
test_stale (void)
{
  for (guint32 permille = 0; permille <= 100; permille += 100)
    {
      World world;
      guint32 layers[N];
      guint64 blobs[N] = { 0 }, stale_bytes[N] = { 0 }, before;
      VarvePolicyLayout layout = { .layers = layers, .blobs = blobs, .stale_bytes = stale_bytes };
      world_init (&world);
      gpointer state = varve_policy_varve.create (&(VarvePolicyOptions){ .max_layers = 3, .stale_permille = permille });
      for (guint i = 0; i < N; i++) /* one source each, the last one small */
        {
          world.packages[i].source = world.packages[i].name;
          world.packages[i].kind = VARVE_COMPONENT_PACKAGE;
          world.packages[i].size_bytes = i == N - 1 ? 1000 : 1000000;
        }
      varve_policy_varve.step (state, &world.release, &layout);
      before = blobs[layers[N - 1]];
      guint32 neighbour = N;
      for (guint32 i = 0; i < N - 1; i++)
        if (layers[i] == layers[N - 1])
          neighbour = i;
      g_assert_cmpuint (neighbour, <, N);
      world.packages[N - 1].build++;
      world.release.is_first = FALSE;
      memset (stale_bytes, 0, sizeof stale_bytes);
      varve_policy_varve.step (state, &world.release, &layout);
      gboolean is_kept = blobs[layers[neighbour]] == before;
      g_assert_cmpint (is_kept, ==, permille > 0);
      g_assert_cmpuint (stale_bytes[layers[neighbour]], ==, permille > 0 ? 1000 : 0);
      g_assert_cmpuint (blobs[layers[N - 1]], !=, before);
      varve_policy_varve.destroy (state);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy-varve/sources", test_sources);
  g_test_add_func ("/policy-varve/future-dates", test_future_dates);
  g_test_add_func ("/policy-varve/limit", test_limit);
  g_test_add_func ("/policy-varve/stale", test_stale);
  return g_test_run ();
}
