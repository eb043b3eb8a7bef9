/* SPDX-License-Identifier: Apache-2.0 */
/* Clean layers are never opened for a better layout, and no bins are kept in reserve. Both were tried on two Fedora
 * CoreOS histories, and neither saved anything: 1.0524 and 1.0275 times the bound without them; 1.0524 to 1.0559 and
 * 1.0268 to 1.0278 with opened layers, 1.0539 to 1.0578 and 1.0326 to 1.0456 with reserves. */
#include "chunker/former-layers.h"

#include "chunker/fixed.h"

/* Below this share of clean bytes (one in CLEAN_SHARE_MIN) everything is packed anew: a host downloads nearly all of it
 * anyway. With half instead of a fifth the biweekly one of those histories costs 1.11 instead of 1.05 times the bound.
 */
enum { CLEAN_SHARE_MIN = 5 };

static VarveFormerLayer *
layer_at (VarveFormerLayers *former, guint32 index)
{
  if (index >= former->n_layers)
    {
      former->layers = g_renew (VarveFormerLayer, former->layers, index + 1);
      for (guint32 i = former->n_layers; i <= index; i++)
        former->layers[i] = (VarveFormerLayer){ .is_clean = TRUE };
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

static char *
key_of (const char *component, const char *subtree)
{
  return subtree != NULL ? g_strconcat (component, "\n", subtree, NULL) : g_strdup (component);
}

/* The atoms of the plan by key, and by name: a manifest without a ledger has only names, and "a:b" may be a component
 * or a part. */
typedef struct {
  GHashTable *by_key, *by_name; /* index + 1 */
  guint8 *is_taken;             /* an atom is in one layer, even if an untrusted ledger has it in several */
} Finder;

static void
finder_init (Finder *finder, const VarvePlan *plan)
{
  finder->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  finder->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  finder->is_taken = g_new0 (guint8, MAX (plan->atoms->len, 1));
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, i);
      g_hash_table_insert (finder->by_key, key_of (atom->component, atom->subtree), GUINT_TO_POINTER (i + 1));
      g_hash_table_insert (finder->by_name, atom->name, GUINT_TO_POINTER (i + 1));
    }
}

static void
finder_clear (Finder *finder)
{
  g_clear_pointer (&finder->by_key, g_hash_table_unref);
  g_clear_pointer (&finder->by_name, g_hash_table_unref);
  g_clear_pointer (&finder->is_taken, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Finder, finder_clear)

/* The index + 1 of the entry's atom, or 0; each atom is found once. */
static guint32
find_atom (Finder *finder, const VarveLedgerEntry *entry)
{
  g_autofree char *key = key_of (entry->component, entry->subtree);
  guint32 found = GPOINTER_TO_UINT (g_hash_table_lookup (finder->by_key, key));
  if (found == 0 && entry->subtree == NULL)
    found = GPOINTER_TO_UINT (g_hash_table_lookup (finder->by_name, entry->component));
  if (found == 0 || finder->is_taken[found - 1])
    return 0;
  finder->is_taken[found - 1] = 1;
  return found;
}

VarveFormerLayers *
varve_former_layers_new (const VarvePlan *plan, const VarveLedger *previous)
{
  VarveFormerLayers *former = g_new0 (VarveFormerLayers, 1);
  g_auto (Finder) finder = { 0 };
  finder_init (&finder, plan);
  for (guint32 i = 0; i < previous->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (previous, i);
      if (entry->layer == VARVE_NO_LAYER)
        continue;
      VarveFormerLayer *layer = layer_at (former, entry->layer);
      guint32 found = find_atom (&finder, entry);
      if (found > 0)
        layer_add_atom (layer, found - 1);
      if (found == 0 || varve_ledger_digest (&varve_plan_atom (plan, found - 1)->digest) != entry->digest)
        layer->is_clean = FALSE;
    }
  for (guint32 i = 0; i < former->n_layers; i++)
    former->layers[i].is_clean = former->layers[i].is_clean && former->layers[i].n_atoms > 0;
  return former;
}

void
varve_former_layers_free (VarveFormerLayers *former)
{
  for (guint32 i = 0; i < former->n_layers; i++)
    g_free (former->layers[i].atoms);
  g_free (former->layers);
  g_free (former);
}

/* Whether too few bytes are clean, so that everything is packed anew. */
static gboolean
is_rebase (const VarvePlan *plan)
{
  guint64 clean = 0, all = 0;
  for (guint32 i = 0; i < plan->layers->len; i++)
    clean = varve_saturating_add (clean, varve_plan_layer (plan, i)->size_bytes);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    all = varve_saturating_add (all, varve_plan_atom (plan, i)->size_bytes);
  return clean < all / CLEAN_SHARE_MIN;
}

/* The layer with the least expected loss: its bytes times the chance that they do not change at the next step. */
static guint32
cheapest_layer (const VarvePlan *plan)
{
  unsigned __int128 least = 0;
  guint32 found = 0;
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      const VarvePlanLayer *layer = varve_plan_layer (plan, i);
      unsigned __int128 loss = (unsigned __int128)layer->size_bytes * (VARVE_PROBABILITY_ONE - layer->probability);
      if (i > 0 && loss >= least)
        continue;
      least = loss;
      found = i;
    }
  return found;
}

void
varve_former_layers_keep (const VarveFormerLayers *former, VarvePlan *plan, guint32 max_layers)
{
  g_return_if_fail (plan->layers->len == 0);
  guint32 n_kept = 0;
  for (guint32 i = 0; i < former->n_layers; i++)
    {
      const VarveFormerLayer *layer = &former->layers[i];
      if (!layer->is_clean)
        continue;
      varve_plan_add_layer (plan, layer->atoms, layer->n_atoms)->previous = i;
      n_kept += layer->n_atoms;
    }
  if (is_rebase (plan))
    g_ptr_array_set_size (plan->layers, 0);
  guint32 room = n_kept < plan->atoms->len ? 1 : 0;
  while (plan->layers->len > 0 && plan->layers->len + room > max_layers)
    {
      g_ptr_array_remove_index (plan->layers, cheapest_layer (plan));
      room = 1;
    }
}
