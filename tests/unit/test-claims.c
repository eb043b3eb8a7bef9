/* SPDX-License-Identifier: Apache-2.0 */
/* packages/claims: which component gets a file that several claim, what a name is that two kinds ask for, which changes
 * are kept. */
#include "packages/claims.h"

#include "tests/unit/fake-source.h"

typedef struct {
  VarveInventory *inventory;
  VarveClaims *claims;
} World;

static void
world_init (World *world)
{
  g_autoptr (FakeSource) fake = fake_source_new ();
  fake_source_add_text (fake, "usr/bin/a", "a");
  fake_source_add_text (fake, "usr/bin/b", "b");
  world->inventory = fake_source_inventory (fake);
  world->claims = varve_claims_new (world->inventory);
}

static void
world_clear (World *world)
{
  varve_claims_free (world->claims);
  varve_inventory_free (world->inventory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static guint32
package (World *world, const char *name)
{
  return varve_claims_component (world->claims, name, VARVE_COMPONENT_PACKAGE);
}

#define assert_owner(world, file, component)                                                                           \
  g_assert_cmpuint (varve_claims_owner ((world)->claims, file), ==, component)

static void
test_ownership (void)
{
  g_auto (World) world;
  world_init (&world);
  guint32 lake = package (&world, "lake"), pond = package (&world, "pond"), bay = package (&world, "bay");
  varve_claims_begin_database (world.claims);
  varve_claims_own (world.claims, pond, 0);
  varve_claims_own (world.claims, lake, 0); /* of one database: the smaller name */
  assert_owner (&world, 0, lake);
  varve_claims_own (world.claims, pond, 0); /* in any order */
  assert_owner (&world, 0, lake);
  varve_claims_begin_database (world.claims);
  varve_claims_own (world.claims, bay, 0); /* of a later database: too late */
  assert_owner (&world, 0, lake);
  varve_claims_assign (world.claims, bay, 0); /* regardless of claims */
  assert_owner (&world, 0, bay);
}

/* A file that was assigned to another component is still its package's. */
static void
test_built (void)
{
  g_auto (World) world;
  world_init (&world);
  guint32 lake = package (&world, "lake"), pond = package (&world, "pond");
  varve_claims_own (world.claims, lake, 0);
  varve_claims_own_weakly (world.claims, lake, 1);
  varve_claims_add_build (world.claims, lake, 1000);
  varve_claims_add_build (world.claims, pond, 2000);
  varve_claims_settle (world.claims);
  varve_claims_assign (world.claims, pond, 0);
  g_autoptr (VarveComponents) components = varve_claims_finish (world.claims);
  g_assert_cmpint (components->built_of_file[0], ==, 1000);
  g_assert_cmpint (components->built_of_file[1], ==, 0); /* the package does not contain it */
}

static void
test_weak (void)
{
  g_auto (World) world;
  world_init (&world);
  guint32 lake = package (&world, "lake"), pond = package (&world, "pond");
  varve_claims_own_weakly (world.claims, pond, 0);
  varve_claims_own_weakly (world.claims, lake, 0);
  varve_claims_own_weakly (world.claims, lake, 1);
  g_assert_true (varve_claims_is_free (world.claims, 0));
  varve_claims_own (world.claims, pond, 1);
  varve_claims_settle (world.claims);
  assert_owner (&world, 0, lake);
  assert_owner (&world, 1, pond);
}

static void
test_kinds (void)
{
  g_auto (World) world;
  world_init (&world);
  guint32 kernel = package (&world, "linux"),
          cache = varve_claims_component (world.claims, "c", VARVE_COMPONENT_GENERATED);
  g_assert_cmpuint (varve_claims_component (world.claims, "linux", VARVE_COMPONENT_KERNEL), ==, kernel);
  g_assert_cmpint (varve_claims_kind (world.claims, kernel), ==, VARVE_COMPONENT_KERNEL);
  g_assert_cmpuint (package (&world, "linux"), ==, kernel); /* stays a kernel */
  g_assert_cmpint (varve_claims_kind (world.claims, kernel), ==, VARVE_COMPONENT_KERNEL);
  guint32 other = package (&world, "c");
  g_assert_cmpuint (other, !=, cache);
  g_assert_cmpstr (varve_claims_name (world.claims, other), ==, "c (package)");
  g_assert_cmpuint (package (&world, "c"), ==, other);
}

/* Each time once, the newest VARVE_CHANGES_MAX of them, in order; nonsense is ignored. */
static void
test_changes (void)
{
  g_auto (World) world;
  world_init (&world);
  guint32 lake = package (&world, "lake");
  for (guint i = 0; i < 2; i++)
    varve_claims_assign (world.claims, lake, i);
  for (gint64 time = 20 * VARVE_CHANGES_MAX; time > 0; time--)
    varve_claims_add_change (world.claims, lake, time / 2 * 2);
  varve_claims_add_change (world.claims, lake, -5);
  varve_claims_add_change (world.claims, lake, G_MAXINT64);
  varve_claims_add_build (world.claims, lake, 7);
  varve_claims_add_build (world.claims, lake, 3);
  g_autoptr (VarveComponents) components = varve_claims_finish (world.claims);
  const VarveComponent *component = varve_components_get (components, 0);
  g_assert_cmpint (component->build_time, ==, 7);
  g_assert_cmpuint (component->change_times->len, ==, VARVE_CHANGES_MAX);
  g_assert_cmpint (g_array_index (component->change_times, gint64, 0), ==,
                   20 * VARVE_CHANGES_MAX - 2 * (VARVE_CHANGES_MAX - 1));
  g_assert_cmpint (g_array_index (component->change_times, gint64, VARVE_CHANGES_MAX - 1), ==, 20 * VARVE_CHANGES_MAX);
}

/* Sorted by name, and without those that have no file. */
static void
test_finish (void)
{
  g_auto (World) world;
  world_init (&world);
  guint32 pond = package (&world, "pond"), lake = package (&world, "lake");
  package (&world, "empty");
  varve_claims_assign (world.claims, pond, 0);
  varve_claims_assign (world.claims, lake, 1);
  g_autoptr (VarveComponents) components = varve_claims_finish (world.claims);
  g_assert_cmpuint (components->components->len, ==, 2);
  g_assert_cmpstr (varve_components_get (components, 0)->name, ==, "lake");
  g_assert_cmpuint (components->of_file[0], ==, 1);
  g_assert_cmpuint (components->of_file[1], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/claims/built", test_built);
  g_test_add_func ("/claims/ownership", test_ownership);
  g_test_add_func ("/claims/weak", test_weak);
  g_test_add_func ("/claims/kinds", test_kinds);
  g_test_add_func ("/claims/changes", test_changes);
  g_test_add_func ("/claims/finish", test_finish);
  return g_test_run ();
}
