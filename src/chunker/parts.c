/* SPDX-License-Identifier: Apache-2.0 */
/* The name of a part is made of the component's and of a directory that keeps its name from version to version. */
#include "chunker/parts.h"

#include <string.h>

#include "chunker/subtree-bytes.h"

/* A part is quiet if it changed in at most a quarter of the steps in which its component changed, of at least two. */
enum { QUIET_SHARE = 4, STEPS_MIN = 2 };

static const char FIRMWARE[] = "usr/lib/firmware";

VarveParts *
varve_parts_new (void)
{
  VarveParts *parts = g_new0 (VarveParts, 1);
  parts->subtrees = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  return parts;
}

void
varve_parts_free (VarveParts *parts)
{
  g_hash_table_unref (parts->subtrees);
  g_free (parts);
}

static int
compare_longest_first (gconstpointer a, gconstpointer b)
{
  const char *left = *(const char *const *)a, *right = *(const char *const *)b;
  gsize left_length = strlen (left), right_length = strlen (right);
  if (left_length != right_length)
    return left_length < right_length ? 1 : -1;
  return strcmp (left, right);
}

gboolean
varve_parts_add (VarveParts *parts, const char *component, const char *subtree)
{
  GPtrArray *subtrees = g_hash_table_lookup (parts->subtrees, component);
  if (subtrees == NULL)
    {
      subtrees = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (parts->subtrees, g_strdup (component), subtrees);
    }
  if (g_ptr_array_find_with_equal_func (subtrees, subtree, g_str_equal, NULL))
    return FALSE;
  g_ptr_array_add (subtrees, g_strdup (subtree));
  g_ptr_array_sort (subtrees, compare_longest_first);
  return TRUE;
}

static gboolean
is_below (const char *path, const char *directory)
{
  gsize length = strlen (directory);
  return strncmp (path, directory, length) == 0 && path[length] == '/';
}

const char *
varve_parts_find (const VarveParts *parts, const char *component, const char *path)
{
  const GPtrArray *subtrees = g_hash_table_lookup (parts->subtrees, component);
  for (guint i = 0; subtrees != NULL && i < subtrees->len; i++)
    if (is_below (path, subtrees->pdata[i]))
      return subtrees->pdata[i];
  return NULL;
}

void
varve_parts_add_former (VarveParts *parts, const VarveLedger *former)
{
  for (guint32 i = 0; i < former->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (former, i);
      if (entry->subtree != NULL && entry->layer != VARVE_NO_LAYER)
        varve_parts_add (parts, entry->component, entry->subtree);
    }
}

/* Whether the atom's layer is new in any case. */
static gboolean
is_new_anyway (const VarveAtom *atom, const VarveLedger *former)
{
  const VarveLedgerEntry *entry = former != NULL ? varve_ledger_find (former, atom->component, atom->subtree) : NULL;
  return entry == NULL || entry->layer == VARVE_NO_LAYER || entry->digest != varve_ledger_digest (&atom->digest);
}

static gboolean
may_split (const VarveAtom *atom)
{
  return atom->kind == VARVE_COMPONENT_PACKAGE || atom->kind == VARVE_COMPONENT_UNOWNED;
}

static guint
split_firmware (VarveParts *parts, const VarveAtom *atom, const VarveInventory *inventory)
{
  guint32 firmware = varve_inventory_find_directory (inventory, FIRMWARE);
  guint n_new = 0;
  if (firmware == VARVE_NO_INDEX)
    return 0;
  g_autoptr (VarveSubtreeBytes) bytes = varve_subtree_bytes_new (inventory, atom);
  guint32 end = inventory->directories[firmware].end_directory;
  for (guint32 i = firmware + 1; i < end; i = inventory->directories[i].end_directory)
    if (varve_subtree_bytes_get (bytes, i) >= VARVE_PART_MIN_BYTES)
      n_new += varve_parts_add (parts, atom->component, inventory->directories[i].path);
  return n_new;
}

/* A watched subtree belongs to the atom of the part around it, or to the component's. */
static gboolean
belongs_to (const VarveAtom *watched, const VarveAtom *atom)
{
  if (strcmp (watched->component, atom->component) != 0)
    return FALSE;
  return atom->subtree == NULL || is_below (watched->subtree, atom->subtree);
}

static gboolean
is_quieter (const VarveLedgerEntry *part, const VarveLedgerEntry *whole)
{
  guint32 n_steps = MIN (part->n_steps, whole->n_steps);
  guint changes = varve_events_count (varve_events_newest (whole->changed, n_steps));
  return changes >= STEPS_MIN
         && QUIET_SHARE * varve_events_count (varve_events_newest (part->changed, n_steps)) <= changes;
}

static guint
split_quiet (VarveParts *parts, const VarveAtom *atom, const VarvePlan *plan, const VarveLedger *ledger)
{
  const VarveLedgerEntry *whole = varve_ledger_find (ledger, atom->component, atom->subtree);
  guint n_new = 0;
  if (whole == NULL)
    return 0;
  for (guint32 i = 0; i < plan->watched->len; i++)
    {
      const VarveAtom *watched = g_ptr_array_index (plan->watched, i);
      const VarveLedgerEntry *part = varve_ledger_find (ledger, watched->component, watched->subtree);
      if (belongs_to (watched, atom) && part != NULL && is_quieter (part, whole))
        n_new += varve_parts_add (parts, watched->component, watched->subtree);
    }
  return n_new;
}

guint
varve_parts_find_new (VarveParts *parts, const VarvePlan *plan, const VarveInventory *inventory,
                      const VarveLedger *ledger, const VarveLedger *former)
{
  guint n_new = 0;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, i);
      if (!may_split (atom) || atom->raw_bytes < 2ull * VARVE_PART_MIN_BYTES || !is_new_anyway (atom, former))
        continue;
      if (atom->subtree == NULL)
        n_new += split_firmware (parts, atom, inventory);
      n_new += split_quiet (parts, atom, plan, ledger);
    }
  return n_new;
}
