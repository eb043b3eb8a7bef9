/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/former-entries.h"

#include <string.h>

#include "chunker/atom-index.h"

typedef struct {
  const VarvePlan *plan;
  const VarveInventory *inventory;
  const VarveLedger *ledger;
  GPtrArray *layers;         /* VarveLayerEntries; NULL: to be read */
  guint32 *layer_of;         /* of each object, where that is known */
  gboolean knows_names_only; /* an image without a ledger: what is in its layers may have changed */
  VarveAtomIndex atoms;
} Finder;

static void
must_read (Finder *finder, guint32 layer)
{
  if (layer < finder->layers->len && finder->layers->pdata[layer] != NULL)
    {
      varve_layer_entries_free (finder->layers->pdata[layer]);
      finder->layers->pdata[layer] = NULL;
    }
}

static void
must_read_all (Finder *finder, const VarveLedgerEntry *entry)
{
  must_read (finder, entry->layer);
  for (guint i = 0; entry->runs != NULL && i < entry->runs->len; i++)
    must_read (finder, g_array_index (entry->runs, VarveLedgerRun, i).layer);
}

/* The atom of the entry, if it did not change as far as the ledger tells. */
static const VarveAtom *
find_atom (const Finder *finder, const VarveLedgerEntry *entry)
{
  guint32 found = varve_atom_index_find (&finder->atoms, entry->component, entry->subtree, finder->knows_names_only);
  const VarveAtom *atom = found != VARVE_NO_ATOM ? varve_plan_atom (finder->plan, found) : NULL;
  if (finder->knows_names_only)
    return atom;
  return atom != NULL && varve_ledger_digest (&atom->digest) == entry->digest ? atom : NULL;
}

static void
place_objects (Finder *finder, const VarveAtom *atom, guint32 first, guint32 n, guint32 layer)
{
  for (guint32 i = first; i < first + n; i++)
    finder->layer_of[atom->objects[i]] = layer;
}

/* FALSE where the ledger does not say which object is in which layer. */
static gboolean
place_atom (Finder *finder, const VarveAtom *atom, const VarveLedgerEntry *entry)
{
  guint64 n_objects = 0;
  if (entry->runs == NULL)
    {
      place_objects (finder, atom, 0, atom->n_objects, entry->layer);
      return TRUE;
    }
  for (guint i = 0; i < entry->runs->len; i++)
    n_objects += g_array_index (entry->runs, VarveLedgerRun, i).n_objects;
  if (n_objects != atom->n_objects)
    return FALSE;
  guint32 first = 0;
  for (guint i = 0; i < entry->runs->len; i++)
    {
      const VarveLedgerRun *run = &g_array_index (entry->runs, VarveLedgerRun, i);
      place_objects (finder, atom, first, run->n_objects, run->layer);
      first += run->n_objects;
    }
  return TRUE;
}

static void
place_entries (Finder *finder)
{
  for (guint32 i = 0; i < finder->ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (finder->ledger, i);
      if (entry->layer == VARVE_NO_LAYER)
        continue;
      const VarveAtom *atom = find_atom (finder, entry);
      if (atom == NULL || !place_atom (finder, atom, entry))
        must_read_all (finder, entry);
    }
}

/* Whether the tree has, at all its paths and nowhere else, what may be this object, and no later known layer has it. */
static gboolean
may_return (const Finder *finder, const VarveStaleObject *stale, guint32 layer)
{
  const VarveInventory *inventory = finder->inventory;
  if (stale->paths[0] != NULL && g_str_has_suffix (stale->paths[0], "/"))
    {
      g_autofree char *folder = g_strndup (stale->paths[0], strlen (stale->paths[0]) - 1);
      return varve_inventory_find_directory (inventory, folder) != VARVE_NO_INDEX;
    }
  guint32 file = stale->paths[0] != NULL ? varve_inventory_find_file (inventory, stale->paths[0]) : VARVE_NO_INDEX;
  if (file == VARVE_NO_INDEX)
    return FALSE;
  guint32 object = inventory->files[file].object;
  guint32 now_in = finder->layer_of[object];
  gboolean is_later = now_in != VARVE_NO_LAYER && now_in > layer && finder->layers->pdata[now_in] != NULL;
  return varve_inventory_count_paths (inventory, object) == g_strv_length (stale->paths) && !is_later
         && varve_stale_object_mark (&inventory->objects[object].checksum) == stale->mark;
}

static void
add_stale (Finder *finder, guint32 index)
{
  const VarveLedgerLayer *layer = varve_ledger_layer (finder->ledger, index);
  VarveLayerEntries *entries = finder->layers->pdata[index];
  if (layer == NULL || entries == NULL)
    return;
  for (guint i = 0; i < layer->stale->len; i++)
    {
      if (may_return (finder, layer->stale->pdata[i], index))
        {
          must_read (finder, index);
          return;
        }
      g_ptr_array_add (entries->stale, varve_stale_object_copy (layer->stale->pdata[i]));
    }
}

static void
entries_free (gpointer entries)
{
  if (entries != NULL)
    varve_layer_entries_free (entries);
}

static void
finder_init (Finder *finder, guint32 n_layers)
{
  guint32 n_objects = finder->inventory->n_objects;
  finder->layers = g_ptr_array_new_with_free_func (entries_free);
  finder->layer_of = g_new (guint32, MAX (n_objects, 1));
  finder->knows_names_only = finder->ledger->times->len == 0;
  varve_atom_index_init (&finder->atoms, finder->plan);
  for (guint32 i = 0; i < n_layers; i++)
    {
      const VarveLedgerLayer *layer = varve_ledger_layer (finder->ledger, i);
      gboolean is_known = layer == NULL || layer->stale != NULL;
      g_ptr_array_add (finder->layers, is_known ? varve_layer_entries_new () : NULL);
    }
  for (guint32 i = 0; i < n_objects; i++)
    finder->layer_of[i] = VARVE_NO_LAYER;
}

GPtrArray *
varve_former_entries_new (const VarvePlan *plan, const VarveInventory *inventory, const VarveLedger *previous,
                          guint32 n_layers)
{
  Finder finder = { .plan = plan, .inventory = inventory, .ledger = previous };
  finder_init (&finder, n_layers);
  place_entries (&finder);
  for (guint32 i = 0; i < n_layers; i++)
    add_stale (&finder, i);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      VarveLayerEntries *entries = finder.layer_of[i] < n_layers ? finder.layers->pdata[finder.layer_of[i]] : NULL;
      if (entries != NULL)
        g_array_append_val (entries->objects, i);
    }
  g_free (finder.layer_of);
  varve_atom_index_clear (&finder.atoms);
  return finder.layers;
}
