/* SPDX-License-Identifier: Apache-2.0 */
/* bench/fleet: hosts are counted right, and each policy costs what its deltas cost. */
#include "bench/fleet.h"

enum { RELEASES = 4, DAYS = 10 };

typedef struct {
  guint days[RELEASES];
  VarveFleetCost layers[RELEASES * RELEASES], deltas[RELEASES * RELEASES], merged[RELEASES * RELEASES];
  VarveFleetSeries series;
} World;

/* Layers 1000 an update, deltas 100 for each release that they span, merged ones 10 more. */
static World *
world_new (void)
{
  World *world = g_new0 (World, 1);
  for (guint i = 0; i < RELEASES; i++)
    world->days[i] = i * DAYS;
  for (guint from = 0; from < RELEASES; from++)
    for (guint to = from + 1; to < RELEASES; to++)
      {
        guint at = from * RELEASES + to;
        world->layers[at] = (VarveFleetCost){ .bytes = 1000, .host_seconds = 1 };
        world->deltas[at] = (VarveFleetCost){ .bytes = 100 * (to - from), .host_seconds = 2, .builder_seconds = 60 };
        world->merged[at]
            = (VarveFleetCost){ .bytes = 100 * (to - from) + 10, .host_seconds = 2, .builder_seconds = 6 };
      }
  world->series = (VarveFleetSeries){ .n = RELEASES,
                                      .days = world->days,
                                      .layer_bytes = 5000,
                                      .layers = world->layers,
                                      .deltas = world->deltas,
                                      .merged = world->merged };
  return world;
}

static VarveFleet *
run (const World *world, const char *groups_text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) groups = varve_fleet_groups_parse (groups_text, &error);
  g_assert_no_error (error);
  return varve_fleet_run (&world->series, groups, DAYS);
}

static const VarveFleetResult *
find (const VarveFleet *fleet, VarveFleetPolicyKind kind, guint n)
{
  for (guint i = 0; i < fleet->results->len; i++)
    {
      const VarveFleetResult *result = &g_array_index (fleet->results, VarveFleetResult, i);
      if (result->policy.kind == kind && result->policy.n == n)
        return result;
    }
  g_assert_not_reached ();
}

static void
test_daily (void)
{
  g_autofree World *world = world_new ();
  g_autoptr (VarveFleet) fleet = run (world, "# all of them\n\n1000000 1\n");
  g_assert_cmpfloat_with_epsilon (fleet->updates, 3e6, 1);
  g_assert_cmpfloat_with_epsilon (fleet->by_lag[1], 3e6, 1);
  g_assert_cmpfloat_with_epsilon (fleet->late, 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (find (fleet, VARVE_FLEET_LAYERS, 0)->egress_bytes, 3e9, 1e3);
  const VarveFleetResult *last = find (fleet, VARVE_FLEET_LAST, 1);
  g_assert_cmpfloat_with_epsilon (last->egress_bytes, 3e8, 1e3);
  g_assert_cmpfloat_with_epsilon (last->host_seconds, 6e6, 1);
  g_assert_cmpfloat_with_epsilon (last->builder_seconds, 3 * 60, 1e-6);
  g_assert_cmpuint (last->stored_bytes, ==, 5000 + 3 * 100);
  g_assert_cmpuint (last->stored_current_bytes, ==, 5000 + 100);
}

/* Hosts that look every 30 days see the last release first: three releases at once. */
static void
test_behind (void)
{
  g_autofree World *world = world_new ();
  g_autoptr (VarveFleet) fleet = run (world, "300 30");
  double n = 0;
  for (guint lag = 1; lag < RELEASES; lag++)
    n += fleet->by_lag[lag];
  g_assert_cmpfloat_with_epsilon (n, fleet->updates, 1e-6);
  g_assert_cmpfloat (fleet->by_lag[3], >, 0);
  double layers = find (fleet, VARVE_FLEET_LAYERS, 0)->egress_bytes,
         one = find (fleet, VARVE_FLEET_LAST, 1)->egress_bytes, three = find (fleet, VARVE_FLEET_LAST, 3)->egress_bytes,
         chain = find (fleet, VARVE_FLEET_CHAIN, 3)->egress_bytes,
         merged = find (fleet, VARVE_FLEET_MERGED, 3)->egress_bytes;
  g_assert_cmpfloat (three, <, one);
  g_assert_cmpfloat (one, <, layers);
  g_assert_cmpfloat_with_epsilon (chain, three, 1e-6);
  g_assert_cmpfloat (merged, >, three);
  g_assert_cmpfloat (find (fleet, VARVE_FLEET_MERGED, 3)->builder_seconds, <,
                     find (fleet, VARVE_FLEET_LAST, 3)->builder_seconds);
  g_assert_cmpfloat (find (fleet, VARVE_FLEET_CHAIN, 3)->builder_seconds, ==, 3 * 60);
}

/* Who is off does not update, and is counted. */
static void
test_off (void)
{
  g_autofree World *world = world_new ();
  g_autoptr (VarveFleet) off = run (world, "100 1 100"), half = run (world, "100 1 50");
  g_assert_cmpfloat (off->updates, ==, 0);
  g_assert_cmpfloat_with_epsilon (off->late, 100, 1e-9);
  g_assert_cmpfloat (half->late, <, 1);
  g_assert_cmpfloat (half->updates, <, 300);
}

/* A delta that is larger than the layers is not used. */
static void
test_large_delta (void)
{
  g_autofree World *world = world_new ();
  world->deltas[1].bytes = 2000;
  g_autoptr (VarveFleet) fleet = run (world, "10 1");
  const VarveFleetResult *last = find (fleet, VARVE_FLEET_LAST, 1);
  g_assert_cmpfloat_with_epsilon (last->egress_bytes, 10 * (1000 + 100 + 100), 1e-6);
  g_assert_cmpfloat_with_epsilon (last->delta_updates, 20, 1e-6);
}

static void
test_groups (void)
{
  static const char *const BAD[]
      = { "", "# none", "10", "0 1", "10 0", "10 400", "10 1 101", "10 1 5 x", "ten 1", "10 -1", "10 1\n10" };
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GArray) groups = varve_fleet_groups_parse (BAD[i], &error);
      g_assert_null (groups);
      g_assert_nonnull (error);
    }
  g_autoptr (GArray) mixed = varve_fleet_groups_named ("mixed");
  g_assert_cmpuint (mixed->len, ==, 3);
  g_assert_null (varve_fleet_groups_named ("hourly"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet/daily", test_daily);
  g_test_add_func ("/fleet/behind", test_behind);
  g_test_add_func ("/fleet/off", test_off);
  g_test_add_func ("/fleet/large-delta", test_large_delta);
  g_test_add_func ("/fleet/groups", test_groups);
  return g_test_run ();
}
