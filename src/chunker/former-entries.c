/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/former-entries.h"

#include <string.h>

typedef struct {
  const VarvePlan *plan;
  const VarveInventory *inventory;
  const VarveLedger *ledger;
  GPtrArray *layers;         /* VarveLayerEntries; NULL: to be read */
  guint32 *layer_of;         /* of each object, where that is known */
  gboolean knows_names_only; /* an image without a ledger: what is in its layers may have changed */
  GHashTable *by_name;       /* name -> atom's index + 1: there "a:b" may be a component or a part */
  GHashTable *by_key;        /* component, or component "\n" subtree -> atom's index + 1; keys owned */
} Finder;

static char *
key_of (const char *component, const char *subtree)
{
  return subtree != NULL ? g_strconcat (component, "\n", subtree, NULL) : g_strdup (component);
}

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
  g_autofree char *key = key_of (entry->component, entry->subtree);
  guint32 found = GPOINTER_TO_UINT (g_hash_table_lookup (finder->by_key, key));
  if (found == 0 && entry->subtree == NULL && finder->knows_names_only)
    found = GPOINTER_TO_UINT (g_hash_table_lookup (finder->by_name, entry->component));
  const VarveAtom *atom = found > 0 ? varve_plan_atom (finder->plan, found - 1) : NULL;
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
  guint32 object = inventory->files[file].object, n_files = 0;
  for (guint32 i = inventory->objects[object].first_file; i != VARVE_NO_INDEX; i = inventory->files[i].next_file)
    n_files++;
  guint32 now_in = finder->layer_of[object];
  gboolean is_later = now_in != VARVE_NO_LAYER && now_in > layer && finder->layers->pdata[now_in] != NULL;
  return n_files == g_strv_length (stale->paths) && !is_later
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
  finder->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  finder->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint32 i = 0; i < n_layers; i++)
    {
      const VarveLedgerLayer *layer = varve_ledger_layer (finder->ledger, i);
      gboolean is_known = layer == NULL || layer->stale != NULL;
      g_ptr_array_add (finder->layers, is_known ? varve_layer_entries_new () : NULL);
    }
  for (guint32 i = 0; i < n_objects; i++)
    finder->layer_of[i] = VARVE_NO_LAYER;
  for (guint32 i = 0; i < finder->plan->atoms->len; i++)
    {
      const VarveAtom *atom = varve_plan_atom (finder->plan, i);
      g_hash_table_insert (finder->by_key, key_of (atom->component, atom->subtree), GUINT_TO_POINTER (i + 1));
      g_hash_table_insert (finder->by_name, atom->name, GUINT_TO_POINTER (i + 1));
    }
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
  g_hash_table_unref (finder.by_name);
  g_hash_table_unref (finder.by_key);
  return finder.layers;
}
