/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are kept sorted, so that they are found by binary search. */
#include "chunker/ledger.h"

#include <string.h>

static void
entry_free (gpointer data)
{
  VarveLedgerEntry *entry = data;
  g_free (entry->component);
  g_free (entry->subtree);
  g_clear_pointer (&entry->runs, g_array_unref);
  g_free (entry);
}

static void
layer_free (gpointer data)
{
  VarveLedgerLayer *layer = data;
  g_clear_pointer (&layer->stale, g_ptr_array_unref);
  g_free (layer);
}

VarveLedger *
varve_ledger_new (void)
{
  VarveLedger *ledger = g_new0 (VarveLedger, 1);
  ledger->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  ledger->entries = g_ptr_array_new_with_free_func (entry_free);
  ledger->layers = g_ptr_array_new_with_free_func (layer_free);
  return ledger;
}

void
varve_ledger_free (VarveLedger *ledger)
{
  g_array_unref (ledger->times);
  g_ptr_array_unref (ledger->entries);
  g_ptr_array_unref (ledger->layers);
  g_free (ledger);
}

guint32
varve_ledger_n_steps (const VarveLedger *ledger)
{
  return ledger->times->len > 0 ? ledger->times->len - 1 : 0;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
  return (left > right) - (left < right);
}

/* Times of outside commits may be any. */
static gint64
interval_between (gint64 earlier, gint64 later)
{
  gint64 interval;
  if (!__builtin_sub_overflow (later, earlier, &interval))
    return interval;
  return later > earlier ? G_MAXINT64 : G_MININT64;
}

guint32
varve_ledger_period_days (const VarveLedger *ledger)
{
  guint32 n_steps = varve_ledger_n_steps (ledger);
  g_autoptr (GArray) intervals = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (n_steps < 2)
    return 0;
  for (guint32 i = 0; i < n_steps; i++)
    {
      gint64 interval
          = interval_between (g_array_index (ledger->times, gint64, i + 1), g_array_index (ledger->times, gint64, i));
      g_array_append_val (intervals, interval);
    }
  g_array_sort (intervals, compare_times);
  gint64 median_days = g_array_index (intervals, gint64, n_steps / 2) / (24 * 60 * 60);
  return (guint32)CLAMP (median_days, 1, 365);
}

/* Of fewer components, half soon change together. If more than one in four steps looks like a rebase, it is the normal
 * change of this image, and none counts as one. */
enum { REBASE_COMPONENTS_MIN = 8, REBASE_STEPS_MIN = 4 };

VarveEvents
varve_ledger_rebases (const VarveLedger *ledger)
{
  VarveEvents rebases = { { 0, 0 } };
  guint32 n_there[VARVE_EVENTS_MAX] = { 0 }, n_changed[VARVE_EVENTS_MAX] = { 0 },
          n_steps = MIN (varve_ledger_n_steps (ledger), VARVE_EVENTS_MAX);
  for (guint32 i = 0; i < ledger->entries->len; i++)
    {
      const VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      for (guint step = 0; entry->subtree == NULL && step < MIN (entry->n_steps, n_steps); step++)
        {
          n_there[step]++;
          n_changed[step] += varve_events_has (entry->changed, step);
        }
    }
  for (guint step = 0; step < n_steps; step++)
    if (n_there[step] >= REBASE_COMPONENTS_MIN && n_changed[step] > n_there[step] / 2)
      varve_events_set (&rebases, step);
  return varve_events_count (rebases) <= n_steps / REBASE_STEPS_MIN ? rebases : (VarveEvents){ { 0, 0 } };
}

VarveEvents
varve_ledger_entry_without (const VarveLedgerEntry *entry, VarveEvents rebases, guint32 *out_n_steps)
{
  *out_n_steps = entry->n_steps - varve_events_count (varve_events_newest (rebases, entry->n_steps));
  return varve_events_drop (entry->changed, rebases);
}

VarveLedgerLayer *
varve_ledger_layer (const VarveLedger *ledger, guint32 index)
{
  return index < ledger->layers->len ? g_ptr_array_index (ledger->layers, index) : NULL;
}

VarveLedgerLayer *
varve_ledger_add_layer (VarveLedger *ledger)
{
  VarveLedgerLayer *layer = g_new0 (VarveLedgerLayer, 1);
  layer->stale = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_stale_object_free);
  g_ptr_array_add (ledger->layers, layer);
  return layer;
}

VarveLedgerEntry *
varve_ledger_add (VarveLedger *ledger, const char *component, const char *subtree)
{
  VarveLedgerEntry *entry = g_new0 (VarveLedgerEntry, 1);
  entry->component = g_strdup (component);
  entry->subtree = g_strdup (subtree);
  entry->layer = VARVE_NO_LAYER;
  entry->probability = VARVE_LEDGER_NO_PROBABILITY;
  g_ptr_array_add (ledger->entries, entry);
  return entry;
}

VarveLedgerEntry *
varve_ledger_entry (const VarveLedger *ledger, guint32 index)
{
  return g_ptr_array_index (ledger->entries, index);
}

static int
compare_keys (const char *component, const char *subtree, const VarveLedgerEntry *entry)
{
  int order = strcmp (component, entry->component);
  return order != 0 ? order : g_strcmp0 (subtree, entry->subtree);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const VarveLedgerEntry *left = *(VarveLedgerEntry *const *)a, *right = *(VarveLedgerEntry *const *)b;
  return compare_keys (left->component, left->subtree, right);
}

void
varve_ledger_sort (VarveLedger *ledger)
{
  g_ptr_array_sort (ledger->entries, compare_entries);
}

VarveLedgerEntry *
varve_ledger_find (const VarveLedger *ledger, const char *component, const char *subtree)
{
  guint32 low = 0, high = ledger->entries->len;
  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;
      int order = compare_keys (component, subtree, varve_ledger_entry (ledger, middle));
      if (order == 0)
        return varve_ledger_entry (ledger, middle);
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

guint64
varve_ledger_digest (const VarveDigest *digest)
{
  guint64 value;
  memcpy (&value, digest->bytes, sizeof value);
  return GUINT64_FROM_BE (value);
}

/* The entry that an atom's past comes from. */
static const VarveLedgerEntry *
past_entry (const VarveLedger *before, const VarveAtom *atom)
{
  if (before == NULL)
    return NULL;
  const VarveLedgerEntry *past = varve_ledger_find (before, atom->component, atom->subtree);
  return past != NULL || atom->subtree == NULL ? past : varve_ledger_find (before, atom->component, NULL);
}

static void
ledger_record (VarveLedger *ledger, const VarveLedger *before, const VarveAtom *atom, guint new_steps)
{
  VarveLedgerEntry *entry = varve_ledger_add (ledger, atom->component, atom->subtree);
  const VarveLedgerEntry *past = past_entry (before, atom);
  entry->digest = varve_ledger_digest (&atom->digest);
  entry->raw_bytes = atom->raw_bytes;
  entry->size_bytes = atom->size_bytes;
  if (past == NULL)
    return;
  gboolean is_itself = g_strcmp0 (past->subtree, atom->subtree) == 0;
  if (new_steps == 0 && is_itself)
    entry->probability = past->probability;
  entry->n_steps = MIN (past->n_steps + new_steps, varve_ledger_n_steps (ledger));
  entry->changed = varve_events_age (past->changed, new_steps);
  if (new_steps > 0 && is_itself && past->digest != entry->digest)
    varve_events_set (&entry->changed, 0);
  entry->changed = varve_events_newest (entry->changed, entry->n_steps);
  /* The measured ratio of an atom is better than an estimate, also for its next version. */
  if (is_itself && past->layer != VARVE_NO_LAYER && past->raw_bytes > 0)
    entry->size_bytes = (guint64)((unsigned __int128)past->size_bytes * atom->raw_bytes / past->raw_bytes);
}

static VarveLedger *
ledger_follow (const VarveLedger *before, const VarvePlan *plan, guint new_steps)
{
  VarveLedger *ledger = varve_ledger_new ();
  if (before != NULL)
    g_array_append_vals (ledger->times, before->times->data,
                         MIN (before->times->len, VARVE_LEDGER_BUILDS_MAX - new_steps));
  for (guint i = 0; i < new_steps; i++)
    g_array_prepend_val (ledger->times, (gint64){ 0 });
  for (guint32 i = 0; i < plan->atoms->len; i++)
    ledger_record (ledger, before, varve_plan_atom (plan, i), new_steps);
  for (guint32 i = 0; i < plan->watched->len; i++)
    ledger_record (ledger, before, g_ptr_array_index (plan->watched, i), new_steps);
  varve_ledger_sort (ledger);
  return ledger;
}

VarveLedger *
varve_ledger_advance (const VarveLedger *before, const VarvePlan *plan, gint64 time)
{
  VarveLedger *ledger = ledger_follow (before, plan, 1);
  g_array_index (ledger->times, gint64, 0) = time;
  return ledger;
}

VarveLedger *
varve_ledger_repeat (const VarveLedger *before, const VarvePlan *plan)
{
  return ledger_follow (before, plan, 0);
}

/* The number of the newest builds of @older that are not older than all builds of @ledger. */
static guint32
shared_builds (const VarveLedger *ledger, const VarveLedger *older)
{
  guint32 n = 0;
  if (ledger->times->len == 0)
    return 0;
  gint64 oldest = g_array_index (ledger->times, gint64, ledger->times->len - 1);
  while (n < older->times->len && g_array_index (older->times, gint64, n) >= oldest)
    n++;
  return n;
}

/* The step to the oldest build of @ledger is known only if @older has that build too; else it counts as quiet. */
static VarveEvents
older_events (const VarveLedger *ledger, const VarveLedger *older, const VarveLedgerEntry *past, guint32 n_shared)
{
  VarveEvents events = { { 0, 0 } };
  guint32 n_times = ledger->times->len, first = n_shared;
  if (n_shared > 0 && n_times > 0
      && g_array_index (older->times, gint64, n_shared - 1) == g_array_index (ledger->times, gint64, n_times - 1))
    first--;
  for (guint step = first; step < past->n_steps; step++)
    if (varve_events_has (past->changed, step))
      varve_events_set (&events, step - n_shared + n_times);
  return events;
}

void
varve_ledger_append_older (VarveLedger *ledger, const VarveLedger *older)
{
  guint32 n_shared = shared_builds (ledger, older), own_steps = varve_ledger_n_steps (ledger),
          n_times = ledger->times->len;
  guint32 n_new = MIN (older->times->len - n_shared, VARVE_LEDGER_BUILDS_MAX - n_times);
  if (n_new == 0)
    return;
  for (guint32 i = 0; i < ledger->entries->len; i++)
    {
      VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      const VarveLedgerEntry *past = varve_ledger_find (older, entry->component, entry->subtree);
      if (past == NULL || entry->n_steps < own_steps || past->n_steps < n_shared)
        continue;
      entry->changed = varve_events_union (entry->changed, older_events (ledger, older, past, n_shared));
      entry->n_steps = MIN (n_times + past->n_steps - n_shared, n_times + n_new - 1);
      entry->changed = varve_events_newest (entry->changed, entry->n_steps);
    }
  g_array_append_vals (ledger->times, &g_array_index (older->times, gint64, n_shared), n_new);
}

void
varve_ledger_truncate (VarveLedger *ledger, guint32 n_builds)
{
  if (ledger->times->len <= n_builds)
    return;
  g_array_set_size (ledger->times, n_builds);
  for (guint32 i = 0; i < ledger->entries->len; i++)
    {
      VarveLedgerEntry *entry = varve_ledger_entry (ledger, i);
      entry->n_steps = MIN (entry->n_steps, varve_ledger_n_steps (ledger));
      entry->changed = varve_events_newest (entry->changed, entry->n_steps);
    }
}
