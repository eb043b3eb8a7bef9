/* SPDX-License-Identifier: Apache-2.0 */
/* chunker/loose: what is in no layer is packed, and only that. */
#include "chunker/loose.h"

#include "chunker/atoms.h"
#include "tests/unit/kept-world.h"

typedef struct {
  WorldTree *tree;
  VarveInventory *inventory;
  VarvePlan *plan;
  guint32 n_before; /* layers that were there */
  guint64 seed;
} Loose;

static void
loose_free (Loose *loose)
{
  varve_plan_free (loose->plan);
  varve_inventory_free (loose->inventory);
  g_hash_table_unref (loose->tree);
  g_free (loose);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loose, loose_free)

/* Layers of any objects of the tree, also of none. */
static void
add_layers (Loose *loose, guint n_layers, guint64 *state)
{
  g_autofree guint32 *atom_of = varve_plan_atom_of_objects (loose->plan, loose->inventory->n_objects);
  g_autofree GArray **objects = g_new0 (GArray *, n_layers + 1);
  for (guint i = 0; i <= n_layers; i++)
    objects[i] = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < loose->inventory->n_objects; i++)
    g_array_append_val (objects[prng_below (state, n_layers + 1)], i);
  for (guint i = 0; i < n_layers; i++)
    varve_atoms_add_part (loose->plan, loose->inventory, atom_of, objects[i])->previous = i;
  g_array_unref (objects[n_layers]);
  loose->n_before = n_layers;
}

static Loose *
loose_new (guint64 seed, guint n_layers)
{
  guint64 state = seed;
  Loose *loose = g_new0 (Loose, 1);
  loose->seed = seed;
  loose->tree = world_random_tree (&state);
  loose->inventory = world_inventory (loose->tree);
  loose->plan = world_plan (loose->inventory);
  add_layers (loose, n_layers, &state);
  return loose;
}

static void
loose_pack (Loose *loose, guint32 max_layers)
{
  VarvePackOptions options = VARVE_PACK_OPTIONS_INIT;
  options.max_layers = max_layers;
  varve_pack_loose (loose->plan, loose->inventory, &options);
}

/* Each object is in one layer, and the layer lists exactly the atoms of its objects. */
static void
check_objects (const Loose *loose)
{
  g_autofree guint32 *atom_of = varve_plan_atom_of_objects (loose->plan, loose->inventory->n_objects);
  g_autofree guint8 *seen = g_new0 (guint8, loose->inventory->n_objects + 1);
  guint32 n_seen = 0;
  for (guint32 i = 0; i < loose->plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (loose->plan, i);
      g_autoptr (GArray) objects = varve_plan_layer_objects (loose->plan, layer);
      gboolean has_atom[WORLD_ATOMS] = { FALSE };
      guint n_atoms = 0;
      n_seen += objects->len;
      for (guint32 j = 0; j < objects->len; j++)
        {
          guint32 object = g_array_index (objects, guint32, j);
          n_atoms += !has_atom[atom_of[object]];
          has_atom[atom_of[object]] = TRUE;
          if (seen[object]++ > 0 || (j > 0 && object <= g_array_index (objects, guint32, j - 1)))
            g_error ("seed %" G_GUINT64_FORMAT ": object %u", loose->seed, object);
        }
      for (guint32 j = 0; j < layer->n_atoms; j++)
        n_atoms -= has_atom[layer->atoms[j]];
      if (n_atoms != 0 || (i >= loose->n_before && (objects->len == 0 || layer->previous != VARVE_NO_LAYER)))
        g_error ("seed %" G_GUINT64_FORMAT ": layer %u", loose->seed, i);
    }
  if (n_seen != loose->inventory->n_objects)
    g_error ("seed %" G_GUINT64_FORMAT ": %u objects in layers", loose->seed, n_seen);
}

/* The layers of an atom have all of its expected bytes, but for what rounding loses. */
static void
check_shares (const Loose *loose)
{
  guint64 sums[WORLD_ATOMS] = { 0 }, n_layers[WORLD_ATOMS] = { 0 };
  for (guint32 i = 0; i < loose->plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (loose->plan, i);
      guint64 bytes = 0;
      for (guint32 j = 0; j < layer->n_atoms; j++)
        {
          guint64 share = varve_plan_layer_share (loose->plan, layer, j);
          bytes += share;
          sums[layer->atoms[j]] += share;
          n_layers[layer->atoms[j]]++;
        }
      g_assert_cmpuint (layer->size_bytes, ==, bytes);
    }
  for (guint32 i = 0; i < loose->plan->atoms->len; i++)
    {
      g_assert_cmpuint (sums[i], <=, varve_plan_atom (loose->plan, i)->size_bytes);
      g_assert_cmpuint (sums[i] + n_layers[i], >, varve_plan_atom (loose->plan, i)->size_bytes);
    }
}

static void
test_every_object_once (void)
{
  for (guint64 seed = 1; seed <= 1000; seed++)
    {
      guint n_layers = (guint)(seed % 6);
      guint32 max_layers = 1 + (guint32)(seed % 11);
      g_autoptr (Loose) loose = loose_new (seed, n_layers);
      loose_pack (loose, max_layers);
      check_objects (loose);
      check_shares (loose);
      g_assert_cmpuint (loose->plan->layers->len, <=, MAX (max_layers, n_layers + 1));
      guint32 n = loose->plan->layers->len;
      loose_pack (loose, max_layers); /* nothing is left */
      g_assert_cmpuint (loose->plan->layers->len, ==, n);
    }
}

/* The layers that are there stay as they are. */
static void
test_layers_before_stay (void)
{
  for (guint64 seed = 1; seed <= 100; seed++)
    {
      g_autoptr (Loose) loose = loose_new (seed, 4), before = loose_new (seed, 4);
      loose_pack (loose, 8);
      for (guint32 i = 0; i < 4; i++)
        {
          const VarvePlanLayer *left = varve_plan_layer (loose->plan, i), *right = varve_plan_layer (before->plan, i);
          g_assert_cmpuint (left->previous, ==, i);
          g_assert_cmpmem (left->objects->data, left->objects->len * sizeof (guint32), right->objects->data,
                           right->objects->len * sizeof (guint32));
          g_assert_cmpmem (left->shares, left->n_atoms * sizeof (guint64), right->shares,
                           right->n_atoms * sizeof (guint64));
        }
    }
}

/* Without layers it packs as varve_pack() does. */
static void
test_nothing_kept (void)
{
  for (guint64 seed = 1; seed <= 500; seed++)
    {
      VarvePackOptions options = VARVE_PACK_OPTIONS_INIT;
      options.max_layers = 1 + (guint32)(seed % 7);
      options.may_keep_stale = seed % 2 == 0;
      g_autoptr (Loose) loose = loose_new (seed, 0), whole = loose_new (seed, 0);
      varve_pack_loose (loose->plan, loose->inventory, &options);
      varve_pack (whole->plan, &options);
      g_assert_cmpuint (loose->plan->layers->len, ==, whole->plan->layers->len);
      for (guint32 i = 0; i < whole->plan->layers->len; i++)
        {
          const VarvePlanLayer *left = varve_plan_layer (loose->plan, i), *right = varve_plan_layer (whole->plan, i);
          g_assert_cmpmem (left->atoms, left->n_atoms * sizeof (guint32), right->atoms,
                           right->n_atoms * sizeof (guint32));
          g_assert_cmpuint (left->size_bytes, ==, right->size_bytes);
          g_assert_cmpuint (left->probability, ==, right->probability);
        }
    }
}

/* The rest of an atom counts with its share, and as often as the atom changes. */
static void
test_rest_of_an_atom (void)
{
  g_autoptr (WorldTree) tree = world_tree ("usr/a=40001 usr/b=40002 usr/c=40003 usr/d=40004");
  g_autoptr (VarveInventory) inventory = world_inventory (tree);
  g_autoptr (VarvePlan) plan = varve_plan_new ();
  VarveAtom *atom = varve_plan_add_atom (plan, "A", NULL, VARVE_COMPONENT_PACKAGE);
  atom->n_objects = 4;
  atom->objects = g_memdup2 ((guint32[]){ 0, 1, 2, 3 }, 4 * sizeof (guint32));
  atom->size_bytes = 1000;
  atom->probability = VARVE_PROBABILITY_ONE / 3;
  g_autofree guint32 *atom_of = varve_plan_atom_of_objects (plan, 4);
  GArray *kept = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (kept, (guint32){ 1 });
  varve_atoms_add_part (plan, inventory, atom_of, kept);
  varve_pack_loose (plan, inventory, &(VarvePackOptions)VARVE_PACK_OPTIONS_INIT);
  g_assert_cmpuint (plan->layers->len, ==, 2);
  const VarvePlanLayer *rest = varve_plan_layer (plan, 1);
  g_assert_cmpuint (varve_plan_layer (plan, 0)->size_bytes, ==, 250);
  g_assert_cmpuint (rest->size_bytes, ==, 750);
  g_assert_cmpuint (rest->probability, ==, varve_plan_layer (plan, 0)->probability);
  g_assert_cmpmem (rest->objects->data, rest->objects->len * sizeof (guint32), ((guint32[]){ 0, 2, 3 }),
                   3 * sizeof (guint32));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loose/every-object-once", test_every_object_once);
  g_test_add_func ("/loose/layers-before-stay", test_layers_before_stay);
  g_test_add_func ("/loose/nothing-kept", test_nothing_kept);
  g_test_add_func ("/loose/rest-of-an-atom", test_rest_of_an_atom);
  return g_test_run ();
}
