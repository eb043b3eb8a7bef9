/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/former-layers.h"

#include "chunker/atom-index.h"
#include "chunker/fixed.h"

static VarveFormerLayer *
layer_at (VarveFormerLayers *former, guint32 index)
{
  if (index >= former->n_layers)
    {
      former->layers = g_renew (VarveFormerLayer, former->layers, index + 1);
      for (guint32 i = former->n_layers; i <= index; i++)
        former->layers[i] = (VarveFormerLayer){ 0 };
      former->n_layers = index + 1;
    }
  return &former->layers[index];
}

static void
layer_add_atom (VarveFormerLayer *layer, guint32 atom)
{
  layer->atoms = g_renew (guint32, layer->atoms, layer->n_atoms + 1);
  layer->atoms[layer->n_atoms++] = atom;
}

static void
layer_add_live (VarveFormerLayer *layer, guint32 atom)
{
  layer_add_atom (layer, atom);
  guint32 *first_changed = &layer->atoms[layer->n_live++];
  layer->atoms[layer->n_atoms - 1] = *first_changed;
  *first_changed = atom;
}

static void
layer_add_stale (VarveFormerLayer *layer, guint64 size_bytes)
{
  layer->n_stale++;
  layer->stale_bytes = varve_saturating_add (layer->stale_bytes, size_bytes);
}

/* The entry's atom, or VARVE_NO_ATOM; each atom is found once, even if an untrusted ledger has it in several layers. */
static guint32
take_atom (const VarveAtomIndex *index, const VarveLedgerEntry *entry, guint8 *is_taken)
{
  guint32 found = varve_atom_index_find (index, entry->component, entry->subtree, TRUE);
  if (found == VARVE_NO_ATOM || is_taken[found])
    return VARVE_NO_ATOM;
  is_taken[found] = 1;
  return found;
}

VarveFormerLayers *
varve_former_layers_new (const VarvePlan *plan, const VarveLedger *previous)
{
  VarveFormerLayers *former = g_new0 (VarveFormerLayers, 1);
  g_auto (VarveAtomIndex) index = { 0 };
  varve_atom_index_init (&index, plan);
  g_autofree guint8 *is_taken = g_new0 (guint8, MAX (plan->atoms->len, 1));
  for (guint32 i = 0; i < previous->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (previous, i);
      if (entry->layer == VARVE_NO_LAYER)
        continue;
      VarveFormerLayer *layer = layer_at (former, entry->layer);
      guint32 found = take_atom (&index, entry, is_taken);
      if (found != VARVE_NO_ATOM && varve_ledger_digest (&varve_plan_atom (plan, found)->digest) == entry->digest)
        {
          layer_add_live (layer, found);
          continue;
        }
      if (found != VARVE_NO_ATOM)
        layer_add_atom (layer, found);
      layer_add_stale (layer, entry->size_bytes);
    }
  for (guint32 i = 0; i < MIN (previous->layers->len, former->n_layers); i++)
    former->layers[i].stale_bytes
        = varve_saturating_add (former->layers[i].stale_bytes, varve_ledger_layer (previous, i)->stale_bytes);
  for (guint32 i = 0; i < former->n_layers; i++)
    former->layers[i].is_usable = former->layers[i].n_live > 0;
  return former;
}

void
varve_former_layer_set_clean (VarveFormerLayer *layer)
{
  layer->n_live = layer->n_atoms;
  layer->n_stale = 0;
  layer->stale_bytes = 0;
  layer->is_usable = TRUE;
}

void
varve_former_layers_free (VarveFormerLayers *former)
{
  for (guint32 i = 0; i < former->n_layers; i++)
    g_free (former->layers[i].atoms);
  g_free (former->layers);
  g_free (former);
}

static guint64
live_bytes (const VarvePlan *plan, const VarveFormerLayer *layer)
{
  guint64 bytes = 0;
  for (guint32 i = 0; i < layer->n_live; i++)
    bytes = varve_saturating_add (bytes, varve_plan_atom (plan, layer->atoms[i])->size_bytes);
  return bytes;
}

static guint64
tree_bytes (const VarvePlan *plan)
{
  guint64 bytes = 0;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    bytes = varve_saturating_add (bytes, varve_plan_atom (plan, i)->size_bytes);
  return bytes;
}

static guint8 *
choose (const VarveFormerLayers *former, const VarvePlan *plan, guint32 stale_permille)
{
  g_autofree VarveKeepCandidate *candidates = g_new0 (VarveKeepCandidate, MAX (former->n_layers, 1));
  guint8 *is_kept = g_new0 (guint8, MAX (former->n_layers, 1));
  for (guint32 i = 0; i < former->n_layers; i++)
    {
      const VarveFormerLayer *layer = &former->layers[i];
      candidates[i] = (VarveKeepCandidate){
        .live_bytes = live_bytes (plan, layer),
        .stale_bytes = layer->stale_bytes,
        .has_stale = layer->n_stale > 0 || layer->stale_bytes > 0,
        .is_usable = layer->is_usable,
      };
    }
  varve_keep_choose (candidates, former->n_layers, tree_bytes (plan), stale_permille, is_kept);
  return is_kept;
}

void
varve_former_layers_keep (const VarveFormerLayers *former, VarvePlan *plan, const VarveKeepOptions *options)
{
  g_return_if_fail (plan->layers->len == 0);
  guint32 n_kept = 0;
  g_autofree guint8 *is_kept = choose (former, plan, options->stale_permille);
  for (guint32 i = 0; i < former->n_layers; i++)
    {
      const VarveFormerLayer *layer = &former->layers[i];
      if (!is_kept[i])
        continue;
      VarvePlanLayer *kept = varve_plan_add_layer (plan, layer->atoms, layer->n_live);
      kept->previous = i;
      kept->stale_bytes = layer->stale_bytes;
      n_kept += layer->n_live;
    }
  if (varve_keep_is_rebase (plan))
    g_ptr_array_set_size (plan->layers, 0);
  guint32 n_free = MAX (options->n_free, 1), room = n_kept < plan->atoms->len ? n_free : 0;
  while (plan->layers->len > 0 && plan->layers->len + room > options->max_layers)
    {
      g_ptr_array_remove_index (plan->layers, varve_keep_cheapest (plan, options->stale_permille > 0));
      room = n_free;
    }
}
