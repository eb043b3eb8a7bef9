/* SPDX-License-Identifier: Apache-2.0 */
/* model/plan: layers of atoms, and of parts of atoms. */
#include "model/plan.h"

/* Three atoms of two objects each, added in another order than that of their names. */
static VarvePlan *
plan_new (void)
{
  static const char *const NAMES[] = { "c", "a", "b" };
  VarvePlan *plan = varve_plan_new ();
  for (guint32 i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      VarveAtom *atom = varve_plan_add_atom (plan, NAMES[i], NULL, VARVE_COMPONENT_PACKAGE);
      atom->size_bytes = 100 * (i + 1);
      atom->probability = VARVE_PROBABILITY_ONE / 2;
      atom->n_objects = 2;
      atom->objects = g_memdup2 ((guint32[]){ i, i + 3 }, 2 * sizeof (guint32));
    }
  return plan;
}

static GArray *
objects_of (guint32 first, guint32 second)
{
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (objects, first);
  g_array_append_val (objects, second);
  return objects;
}

static void
assert_objects (const VarvePlan *plan, const VarvePlanLayer *layer, const guint32 *expected, guint n)
{
  g_autoptr (GArray) objects = varve_plan_layer_objects (plan, layer);
  g_assert_cmpmem (objects->data, objects->len * sizeof (guint32), expected, n * sizeof (guint32));
}

static void
test_whole (void)
{
  g_autoptr (VarvePlan) plan = plan_new ();
  const VarvePlanLayer *layer = varve_plan_add_layer (plan, (const guint32[]){ 0, 1, 2 }, 3);
  g_assert_cmpmem (layer->atoms, 3 * sizeof (guint32), ((const guint32[]){ 1, 2, 0 }), 3 * sizeof (guint32));
  g_assert_cmpuint (layer->size_bytes, ==, 600);
  g_assert_cmpuint (layer->probability, ==, VARVE_PROBABILITY_ONE / 8 * 7);
  g_assert_cmpuint (layer->previous, ==, VARVE_NO_LAYER);
  g_assert_cmpuint (varve_plan_layer_share (plan, layer, 0), ==, 200);
  assert_objects (plan, layer, (const guint32[]){ 0, 1, 2, 3, 4, 5 }, 6);
}

/* The shares go with their atoms. */
static void
test_part (void)
{
  g_autoptr (VarvePlan) plan = plan_new ();
  const VarvePlanLayer *layer
      = varve_plan_add_part (plan, (const guint32[]){ 0, 1 }, (const guint64[]){ 7, 30 }, 2, objects_of (0, 4));
  g_assert_cmpmem (layer->atoms, 2 * sizeof (guint32), ((const guint32[]){ 1, 0 }), 2 * sizeof (guint32));
  g_assert_cmpuint (varve_plan_layer_share (plan, layer, 0), ==, 30);
  g_assert_cmpuint (varve_plan_layer_share (plan, layer, 1), ==, 7);
  g_assert_cmpuint (layer->size_bytes, ==, 37);
  g_assert_cmpuint (layer->probability, ==, VARVE_PROBABILITY_ONE / 4 * 3);
  assert_objects (plan, layer, (const guint32[]){ 0, 4 }, 2);
  g_autoptr (GPtrArray) names = varve_plan_layer_names (plan, layer);
  g_assert_cmpuint (names->len, ==, 2);
  g_assert_cmpstr (names->pdata[0], ==, "a");
}

static void
test_atom_of_objects (void)
{
  g_autoptr (VarvePlan) plan = plan_new ();
  g_autofree guint32 *atom_of = varve_plan_atom_of_objects (plan, 6);
  g_assert_cmpmem (atom_of, 6 * sizeof (guint32), ((const guint32[]){ 0, 1, 2, 0, 1, 2 }), 6 * sizeof (guint32));
}

static void
test_clear (void)
{
  g_autoptr (VarvePlan) plan = plan_new ();
  VarvePlanLayer *layer
      = varve_plan_add_part (plan, (const guint32[]){ 0 }, (const guint64[]){ 7 }, 1, objects_of (0, 3));
  layer->stale = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free);
  g_ptr_array_add (layer->stale, varve_stale_object_new (g_ptr_array_new (), 1, 1));
  varve_plan_clear_layers (plan);
  g_assert_cmpuint (plan->layers->len, ==, 0);
  g_assert_cmpuint (plan->atoms->len, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/whole", test_whole);
  g_test_add_func ("/plan/part", test_part);
  g_test_add_func ("/plan/atom-of-objects", test_atom_of_objects);
  g_test_add_func ("/plan/clear", test_clear);
  return g_test_run ();
}
