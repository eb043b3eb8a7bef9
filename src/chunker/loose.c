/* SPDX-License-Identifier: Apache-2.0 */
/* Packs a plan of what is loose, then copies its layers. */
#include "chunker/loose.h"

#include "chunker/atom-digest.h"
#include "chunker/atoms.h"

/* A set of the objects that are in layers: a byte for each. */
static guint8 *
held_objects (const VarvePlan *plan, const VarveInventory *inventory)
{
  guint8 *is_held = g_new0 (guint8, MAX (inventory->n_objects, 1));
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      g_autoptr (GArray) objects = varve_plan_layer_objects (plan, varve_plan_layer (plan, i));
      for (guint32 j = 0; j < objects->len; j++)
        is_held[g_array_index (objects, guint32, j)] = 1;
    }
  return is_held;
}

static guint32
count_loose (const VarveAtom *atom, const guint8 *is_held)
{
  guint32 n = 0;
  for (guint32 i = 0; i < atom->n_objects; i++)
    n += !is_held[atom->objects[i]];
  return n;
}

static void
add_loose (VarvePlan *loose, const VarveAtom *atom, const VarveInventory *inventory, const guint8 *is_held)
{
  VarveAtom *part = varve_plan_add_atom (loose, atom->component, atom->subtree, atom->kind);
  part->objects = g_new (guint32, atom->n_objects);
  for (guint32 i = 0; i < atom->n_objects; i++)
    if (!is_held[atom->objects[i]])
      part->objects[part->n_objects++] = atom->objects[i];
  gboolean is_whole = part->n_objects == atom->n_objects;
  part->digest = is_whole ? atom->digest : varve_atom_digest (inventory, part->objects, part->n_objects);
  part->size_bytes = varve_atoms_share (atom, inventory, part->objects, part->n_objects);
  part->raw_bytes = atom->raw_bytes;
  part->probability = atom->probability;
  part->changed = atom->changed;
  part->n_steps = atom->n_steps;
}

/* @atoms: of each atom of the new plan, its index in @plan. */
static VarvePlan *
loose_plan (const VarvePlan *plan, const VarveInventory *inventory, const guint8 *is_held, GArray *atoms)
{
  VarvePlan *loose = varve_plan_new ();
  loose->prior_steps = plan->prior_steps;
  loose->n_steps = plan->n_steps;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      if (count_loose (varve_plan_atom (plan, i), is_held) == 0)
        continue;
      add_loose (loose, varve_plan_atom (plan, i), inventory, is_held);
      g_array_append_val (atoms, i);
    }
  return loose;
}

static void
copy_layer (VarvePlan *plan, const VarvePlan *loose, const VarvePlanLayer *layer, GArray *atoms)
{
  g_autofree guint32 *indices = g_new (guint32, layer->n_atoms);
  g_autofree guint64 *shares = g_new (guint64, layer->n_atoms);
  for (guint32 i = 0; i < layer->n_atoms; i++)
    {
      indices[i] = g_array_index (atoms, guint32, layer->atoms[i]);
      shares[i] = varve_plan_layer_share (loose, layer, i);
    }
  varve_plan_add_part (plan, indices, shares, layer->n_atoms, varve_plan_layer_objects (loose, layer));
}

void
varve_pack_loose (VarvePlan *plan, const VarveInventory *inventory, const VarvePackOptions *options)
{
  g_autofree guint8 *is_held = held_objects (plan, inventory);
  g_autoptr (GArray) atoms = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (VarvePlan) loose = loose_plan (plan, inventory, is_held, atoms);
  VarvePackOptions rest = *options;
  rest.max_layers = options->max_layers > plan->layers->len ? options->max_layers - plan->layers->len : 1;
  varve_pack (loose, &rest);
  for (guint32 i = 0; i < loose->layers->len; i++)
    copy_layer (plan, loose, varve_plan_layer (loose, i), atoms);
}
