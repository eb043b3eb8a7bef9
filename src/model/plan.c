/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include <string.h>

static void
atom_free (gpointer data)
{
  VarveAtom *atom = data;
  g_free (atom->name);
  g_free (atom->component);
  g_free (atom->subtree);
  g_free (atom->objects);
  g_free (atom);
}

static void
layer_free (gpointer data)
{
  VarvePlanLayer *layer = data;
  g_free (layer->atoms);
  g_free (layer->shares);
  g_clear_pointer (&layer->objects, g_array_unref);
  g_clear_pointer (&layer->stale, g_ptr_array_unref);
  g_free (layer);
}

VarvePlan *
varve_plan_new (void)
{
  VarvePlan *plan = g_new0 (VarvePlan, 1);
  plan->atoms = g_ptr_array_new_with_free_func (atom_free);
  plan->layers = g_ptr_array_new_with_free_func (layer_free);
  plan->watched = g_ptr_array_new_with_free_func (atom_free);
  return plan;
}

void
varve_plan_free (VarvePlan *plan)
{
  g_ptr_array_unref (plan->atoms);
  g_ptr_array_unref (plan->layers);
  g_ptr_array_unref (plan->watched);
  g_free (plan);
}

static VarveAtom *
atom_add (GPtrArray *atoms, const char *component, const char *subtree, VarveComponentKind kind)
{
  VarveAtom *atom = g_new0 (VarveAtom, 1);
  atom->name = subtree != NULL ? g_strconcat (component, ":", subtree, NULL) : g_strdup (component);
  atom->component = g_strdup (component);
  atom->subtree = g_strdup (subtree);
  atom->kind = kind;
  g_ptr_array_add (atoms, atom);
  return atom;
}

VarveAtom *
varve_plan_add_atom (VarvePlan *plan, const char *component, const char *subtree, VarveComponentKind kind)
{
  return atom_add (plan->atoms, component, subtree, kind);
}

VarveAtom *
varve_plan_add_watched (VarvePlan *plan, const char *component, const char *subtree, VarveComponentKind kind)
{
  return atom_add (plan->watched, component, subtree, kind);
}

VarveAtom *
varve_plan_atom (const VarvePlan *plan, guint32 index)
{
  return g_ptr_array_index (plan->atoms, index);
}

VarvePlanLayer *
varve_plan_layer (const VarvePlan *plan, guint32 index)
{
  return g_ptr_array_index (plan->layers, index);
}

guint64
varve_plan_layer_share (const VarvePlan *plan, const VarvePlanLayer *layer, guint32 index)
{
  return layer->shares != NULL ? layer->shares[index] : varve_plan_atom (plan, layer->atoms[index])->size_bytes;
}

/* An atom of a layer, to be sorted. */
typedef struct {
  const char *name;
  guint32 atom;
  guint64 share;
} Share;

static int
compare_shares (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Share *)a)->name, ((const Share *)b)->name);
}

static void
layer_take_atoms (VarvePlanLayer *layer, const VarvePlan *plan, const guint32 *atoms, const guint64 *shares)
{
  g_autoptr (GArray) sorted = g_array_new (FALSE, FALSE, sizeof (Share));
  for (guint32 i = 0; i < layer->n_atoms; i++)
    {
      Share share = { varve_plan_atom (plan, atoms[i])->name, atoms[i], shares != NULL ? shares[i] : 0 };
      g_array_append_val (sorted, share);
    }
  g_array_sort (sorted, compare_shares);
  for (guint32 i = 0; i < layer->n_atoms; i++)
    {
      const Share *share = &g_array_index (sorted, Share, i);
      layer->atoms[i] = share->atom;
      if (layer->shares != NULL)
        layer->shares[i] = share->share;
    }
}

static VarvePlanLayer *
layer_add (VarvePlan *plan, const guint32 *atoms, const guint64 *shares, guint32 n_atoms)
{
  VarvePlanLayer *layer = g_new0 (VarvePlanLayer, 1);
  layer->atoms = g_new (guint32, n_atoms);
  layer->shares = shares != NULL ? g_new (guint64, n_atoms) : NULL;
  layer->n_atoms = n_atoms;
  layer->previous = VARVE_NO_LAYER;
  layer_take_atoms (layer, plan, atoms, shares);
  guint64 unchanged = (guint64)VARVE_PROBABILITY_ONE << 16; /* probability that none changes, 32 bits of fraction */
  for (guint32 i = 0; i < n_atoms; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, layer->atoms[i]);
      layer->size_bytes += varve_plan_layer_share (plan, layer, i);
      unchanged = unchanged * (VARVE_PROBABILITY_ONE - atom->probability) / VARVE_PROBABILITY_ONE;
    }
  layer->probability = VARVE_PROBABILITY_ONE - (guint32)(unchanged >> 16);
  g_ptr_array_add (plan->layers, layer);
  return layer;
}

VarvePlanLayer *
varve_plan_add_layer (VarvePlan *plan, const guint32 *atoms, guint32 n_atoms)
{
  return layer_add (plan, atoms, NULL, n_atoms);
}

VarvePlanLayer *
varve_plan_add_part (VarvePlan *plan, const guint32 *atoms, const guint64 *shares, guint32 n_atoms, GArray *objects)
{
  VarvePlanLayer *layer = layer_add (plan, atoms, shares, n_atoms);
  layer->objects = objects;
  return layer;
}

guint32 *
varve_plan_atom_of_objects (const VarvePlan *plan, guint32 n_objects)
{
  guint32 *atom_of = g_new0 (guint32, MAX (n_objects, 1));
  for (guint32 i = 0; i < plan->atoms->len; i++)
    for (guint32 j = 0; j < varve_plan_atom (plan, i)->n_objects; j++)
      atom_of[varve_plan_atom (plan, i)->objects[j]] = i;
  return atom_of;
}

void
varve_plan_clear_layers (VarvePlan *plan)
{
  g_ptr_array_set_size (plan->layers, 0);
}

static int
compare_indices (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
  return (left > right) - (left < right);
}

GArray *
varve_plan_layer_objects (const VarvePlan *plan, const VarvePlanLayer *layer)
{
  if (layer->objects != NULL)
    return g_array_copy (layer->objects);
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < layer->n_atoms; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, layer->atoms[i]);
      g_array_append_vals (objects, atom->objects, atom->n_objects);
    }
  g_array_sort (objects, compare_indices);
  return objects;
}

GPtrArray *
varve_plan_layer_names (const VarvePlan *plan, const VarvePlanLayer *layer)
{
  GPtrArray *names = g_ptr_array_new ();
  for (guint32 i = 0; i < layer->n_atoms; i++)
    g_ptr_array_add (names, varve_plan_atom (plan, layer->atoms[i])->name);
  return names;
}
