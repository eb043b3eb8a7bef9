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

static int
compare_atoms (gconstpointer a, gconstpointer b, gpointer plan)
{
  return strcmp (varve_plan_atom (plan, *(const guint32 *)a)->name, varve_plan_atom (plan, *(const guint32 *)b)->name);
}

VarvePlanLayer *
varve_plan_add_layer (VarvePlan *plan, const guint32 *atoms, guint32 n_atoms)
{
  VarvePlanLayer *layer = g_new0 (VarvePlanLayer, 1);
  layer->atoms = g_memdup2 (atoms, n_atoms * sizeof *atoms);
  layer->n_atoms = n_atoms;
  layer->previous = VARVE_NO_LAYER;
  g_qsort_with_data (layer->atoms, (gint)n_atoms, sizeof *atoms, compare_atoms, plan);
  guint64 unchanged = (guint64)VARVE_PROBABILITY_ONE << 16; /* probability that none changes, 32 bits of fraction */
  for (guint32 i = 0; i < n_atoms; i++)
    {
      VarveAtom *atom = varve_plan_atom (plan, layer->atoms[i]);
      layer->size_bytes += atom->size_bytes;
      unchanged = unchanged * (VARVE_PROBABILITY_ONE - atom->probability) / VARVE_PROBABILITY_ONE;
    }
  layer->probability = VARVE_PROBABILITY_ONE - (guint32)(unchanged >> 16);
  g_ptr_array_add (plan->layers, layer);
  return layer;
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
