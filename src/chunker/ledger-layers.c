/* SPDX-License-Identifier: Apache-2.0 */
/* Where the objects of a ledger's entries are. */
#include "chunker/ledger.h"

#include <string.h>

#include "base/error.h"
#include "chunker/fixed.h"

static guint32
count_objects (const VarvePlan *plan)
{
  guint32 n_objects = 0;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, i);
      if (atom->n_objects > 0)
        n_objects = MAX (n_objects, atom->objects[atom->n_objects - 1] + 1);
    }
  return n_objects;
}

/* The layer of each object. */
static guint32 *
layers_of_objects (const VarvePlan *plan)
{
  guint32 n_objects = count_objects (plan), *layers = g_new (guint32, MAX (n_objects, 1));
  for (guint32 i = 0; i < n_objects; i++)
    layers[i] = VARVE_NO_LAYER;
  for (guint32 i = 0; i < plan->layers->len; i++)
    {
      g_autoptr (GArray) objects = varve_plan_layer_objects (plan, varve_plan_layer (plan, i));
      for (guint32 j = 0; j < objects->len; j++)
        layers[g_array_index (objects, guint32, j)] = i;
    }
  return layers;
}

static GArray *
runs_of (const VarveAtom *atom, const guint32 *layer_of)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (VarveLedgerRun));
  for (guint32 i = 0; i < atom->n_objects; i++)
    {
      VarveLedgerRun run = { layer_of[atom->objects[i]], 1 };
      VarveLedgerRun *last = runs->len > 0 ? &g_array_index (runs, VarveLedgerRun, runs->len - 1) : NULL;
      if (run.layer == VARVE_NO_LAYER)
        continue;
      if (last != NULL && last->layer == run.layer)
        last->n_objects++;
      else
        g_array_append_val (runs, run);
    }
  return runs;
}

static int
compare_runs (gconstpointer a, gconstpointer b)
{
  const VarveLedgerRun *left = a, *right = b;
  return (left->layer > right->layer) - (left->layer < right->layer);
}

/* One run for each layer, ascending, with the sum of its objects. */
static GArray *
layers_of_runs (const GArray *runs)
{
  g_autoptr (GArray) sorted = g_array_copy ((GArray *)runs);
  GArray *layers = g_array_new (FALSE, FALSE, sizeof (VarveLedgerRun));
  g_array_sort (sorted, compare_runs);
  for (guint i = 0; i < sorted->len; i++)
    {
      VarveLedgerRun run = g_array_index (sorted, VarveLedgerRun, i);
      VarveLedgerRun *last = layers->len > 0 ? &g_array_index (layers, VarveLedgerRun, layers->len - 1) : NULL;
      if (last != NULL && last->layer == run.layer)
        last->n_objects += run.n_objects;
      else
        g_array_append_val (layers, run);
    }
  return layers;
}

guint64
varve_ledger_raw_bytes (const VarveLedger *ledger)
{
  guint64 bytes = 0;
  for (guint32 i = 0; i < ledger->entries->len; i++)
    if (varve_ledger_entry (ledger, i)->layer != VARVE_NO_LAYER)
      bytes = varve_saturating_add (bytes, varve_ledger_entry (ledger, i)->raw_bytes);
  return bytes;
}

gboolean
varve_ledger_entry_is_in (const VarveLedgerEntry *entry, guint32 layer)
{
  if (layer == VARVE_NO_LAYER || entry->runs == NULL)
    return layer != VARVE_NO_LAYER && entry->layer == layer;
  for (guint i = 0; i < entry->runs->len; i++)
    if (g_array_index (entry->runs, VarveLedgerRun, i).layer == layer)
      return TRUE;
  return FALSE;
}

GArray *
varve_ledger_entry_layers (const VarveLedgerEntry *entry)
{
  if (entry->runs != NULL)
    return layers_of_runs (entry->runs);
  GArray *layers = g_array_new (FALSE, FALSE, sizeof (VarveLedgerRun));
  if (entry->layer != VARVE_NO_LAYER)
    g_array_append_vals (layers, &(VarveLedgerRun){ entry->layer, 0 }, 1);
  return layers;
}

guint32
varve_ledger_entry_layer_of (const VarveLedgerEntry *entry, guint32 object)
{
  if (entry->runs == NULL)
    return entry->layer;
  for (guint i = 0; i < entry->runs->len; i++)
    {
      const VarveLedgerRun *run = &g_array_index (entry->runs, VarveLedgerRun, i);
      if (object < run->n_objects)
        return run->layer;
      object -= run->n_objects;
    }
  return VARVE_NO_LAYER;
}

static void
forget_counts (VarveLedgerEntry *entry)
{
  GArray *layers = layers_of_runs (entry->runs);
  for (guint i = 0; i < layers->len; i++)
    g_array_index (layers, VarveLedgerRun, i).n_objects = 0;
  g_array_unref (entry->runs);
  entry->runs = layers;
}

static void
place_objects (VarveLedgerEntry *entry, const VarveAtom *atom, const guint32 *layer_of)
{
  g_autoptr (GArray) runs = runs_of (atom, layer_of);
  if (runs->len == 0)
    return;
  g_autoptr (GArray) layers = layers_of_runs (runs);
  const VarveLedgerRun *main = &g_array_index (layers, VarveLedgerRun, 0);
  for (guint i = 1; i < layers->len; i++)
    if (g_array_index (layers, VarveLedgerRun, i).n_objects > main->n_objects)
      main = &g_array_index (layers, VarveLedgerRun, i);
  entry->layer = main->layer;
  if (runs->len < 2)
    return;
  entry->runs = g_steal_pointer (&runs);
  if (entry->runs->len > VARVE_LEDGER_RUNS_MAX)
    forget_counts (entry);
}

static VarveLedgerEntry *
find_entry (const VarveLedger *ledger, const VarveAtom *atom)
{
  return varve_ledger_find (ledger, atom->component, atom->subtree);
}

static void
place_layer (VarveLedger *ledger, const VarvePlan *plan, guint32 index)
{
  const VarvePlanLayer *layer = varve_plan_layer (plan, index);
  VarveLedgerLayer *placed = varve_ledger_add_layer (ledger);
  placed->stale_bytes = layer->stale_bytes;
  for (guint32 i = 0; layer->stale != NULL && i < layer->stale->len; i++)
    g_ptr_array_add (placed->stale, varve_stale_object_copy (layer->stale->pdata[i]));
  for (guint32 i = 0; i < layer->n_atoms; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, layer->atoms[i]);
      VarveLedgerEntry *entry = find_entry (ledger, atom);
      if (entry == NULL)
        continue;
      entry->layer = index;
      if (entry->probability == VARVE_LEDGER_NO_PROBABILITY)
        entry->probability = atom->probability;
    }
}

static gboolean
has_too_much_stale (const VarveLedger *ledger)
{
  gsize n_paths = 0, bytes = 0;
  for (guint32 i = 0; i < ledger->layers->len; i++)
    for (guint j = 0; j < varve_ledger_layer (ledger, i)->stale->len; j++)
      {
        const VarveStaleObject *stale = varve_ledger_layer (ledger, i)->stale->pdata[j];
        n_paths += MAX (g_strv_length (stale->paths), 1);
        for (char **path = stale->paths; *path != NULL; path++)
          bytes += strlen (*path);
      }
  return n_paths > VARVE_LEDGER_STALE_PATHS_MAX || bytes > VARVE_LEDGER_STALE_PATHS_MAX_BYTES;
}

void
varve_ledger_place (VarveLedger *ledger, const VarvePlan *plan)
{
  g_autofree guint32 *layer_of = layers_of_objects (plan);
  g_ptr_array_set_size (ledger->layers, 0);
  for (guint32 i = 0; i < plan->layers->len; i++)
    place_layer (ledger, plan, i);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      VarveLedgerEntry *entry = find_entry (ledger, varve_plan_atom (plan, i));
      if (entry == NULL)
        continue;
      g_clear_pointer (&entry->runs, g_array_unref);
      place_objects (entry, varve_plan_atom (plan, i), layer_of);
    }
  if (has_too_much_stale (ledger))
    (void)varve_ledger_forget_objects (ledger);
}

void
varve_ledger_measure (VarveLedger *ledger, const VarvePlan *plan, const VarvePlanLayer *layer, guint64 size_bytes)
{
  unsigned __int128 expected = 0;
  for (guint32 i = 0; i < layer->n_atoms; i++)
    expected += varve_plan_layer_share (plan, layer, i);
  for (guint32 i = 0; i < layer->n_atoms; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, layer->atoms[i]);
      VarveLedgerEntry *entry = find_entry (ledger, atom);
      if (entry == NULL || expected == 0)
        continue;
      guint64 share = varve_plan_layer_share (plan, layer, i);
      guint64 measured = (guint64)((unsigned __int128)share * size_bytes / expected);
      entry->size_bytes = varve_saturating_add (entry->size_bytes - MIN (share, entry->size_bytes), measured);
    }
}

gboolean
varve_ledger_forget_objects (VarveLedger *ledger)
{
  gboolean had_any = FALSE;
  for (guint32 i = 0; i < ledger->entries->len; i++)
    {
      VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      if (entry->runs == NULL || g_array_index (entry->runs, VarveLedgerRun, 0).n_objects == 0)
        continue;
      forget_counts (entry);
      had_any = TRUE;
    }
  for (guint32 i = 0; i < ledger->layers->len; i++)
    {
      VarveLedgerLayer *layer = varve_ledger_layer (ledger, i);
      if (layer->stale == NULL || layer->stale->len == 0)
        continue;
      g_clear_pointer (&layer->stale, g_ptr_array_unref);
      had_any = TRUE;
    }
  return had_any;
}

static gboolean
check_layer (guint32 layer, guint32 n_layers, GError **error)
{
  if (layer + 1 < n_layers)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "ledger: refers to layer %u, but the image has %u layers",
               layer + 1, n_layers);
  return FALSE;
}

gboolean
varve_ledger_check_layers (const VarveLedger *ledger, guint32 n_layers, GError **error)
{
  for (guint32 i = 0; i < ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      if (entry->layer != VARVE_NO_LAYER && !check_layer (entry->layer, n_layers, error))
        return FALSE;
      for (guint j = 0; entry->runs != NULL && j < entry->runs->len; j++)
        if (!check_layer (g_array_index (entry->runs, VarveLedgerRun, j).layer, n_layers, error))
          return FALSE;
    }
  return ledger->layers->len == 0 || check_layer (ledger->layers->len - 1, n_layers, error);
}
