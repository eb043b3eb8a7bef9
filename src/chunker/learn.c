/* SPDX-License-Identifier: Apache-2.0 */
/* Assigns each change in older commits to the atom that has the file or directory now. */
#include "chunker/learn.h"

#include <string.h>

/* The atom that a directory's files belong to, at all depths: special values of sole_atom. */
#define NOBODY G_MAXUINT32
#define SEVERAL (G_MAXUINT32 - 1)

typedef struct {
  const VarvePlan *plan;
  const VarveInventory *inventory;
  guint32 *atom_of;    /* of each object */
  guint32 *sole_atom;  /* of each directory: an atom, NOBODY or SEVERAL */
  GHashTable *watched; /* directory's index -> VarveAtom of plan->watched */
  VarveLedger *ledger;
} Lesson;

static void
sole_atom_join (guint32 *sole_atom, guint32 directory, guint32 atom)
{
  if (directory == VARVE_NO_INDEX || atom == NOBODY)
    return;
  if (sole_atom[directory] == NOBODY)
    sole_atom[directory] = atom;
  else if (sole_atom[directory] != atom)
    sole_atom[directory] = SEVERAL;
}

static void
lesson_init (Lesson *lesson)
{
  const VarveInventory *inventory = lesson->inventory;
  lesson->atom_of = g_new (guint32, inventory->n_objects);
  lesson->sole_atom = g_new (guint32, inventory->n_directories);
  lesson->watched = g_hash_table_new (NULL, NULL);
  for (guint32 i = 0; i < lesson->plan->atoms->len; i++)
    for (guint32 j = 0; j < varve_plan_atom (lesson->plan, i)->n_objects; j++)
      lesson->atom_of[varve_plan_atom (lesson->plan, i)->objects[j]] = i;
  for (guint32 i = 0; i < inventory->n_directories; i++)
    lesson->sole_atom[i] = NOBODY;
  for (guint32 i = 0; i < inventory->n_files; i++)
    sole_atom_join (lesson->sole_atom, inventory->files[i].directory, lesson->atom_of[inventory->files[i].object]);
  for (guint32 i = inventory->n_directories; i-- > 0;) /* children come after their parents */
    sole_atom_join (lesson->sole_atom, inventory->directories[i].parent, lesson->sole_atom[i]);
  for (guint32 i = 0; i < lesson->plan->watched->len; i++)
    {
      VarveAtom *watched = g_ptr_array_index (lesson->plan->watched, i);
      guint32 directory = varve_inventory_find_directory (inventory, watched->subtree);
      if (directory != VARVE_NO_INDEX)
        g_hash_table_insert (lesson->watched, GUINT_TO_POINTER (directory), watched);
    }
}

static void
lesson_clear (Lesson *lesson)
{
  g_clear_pointer (&lesson->atom_of, g_free);
  g_clear_pointer (&lesson->sole_atom, g_free);
  g_clear_pointer (&lesson->watched, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Lesson, lesson_clear)

static void
lesson_mark (Lesson *lesson, const VarveAtom *atom, guint step)
{
  VarveLedgerEntry *entry = varve_ledger_find (lesson->ledger, atom->component, atom->subtree);
  if (entry != NULL)
    varve_events_set (&entry->changed, step);
}

/* Marks the atom and its watched subtrees around the directory. */
static void
lesson_mark_in (Lesson *lesson, const VarveAtom *atom, guint32 directory, guint step)
{
  lesson_mark (lesson, atom, step);
  for (; directory != VARVE_NO_INDEX; directory = lesson->inventory->directories[directory].parent)
    {
      const VarveAtom *watched = g_hash_table_lookup (lesson->watched, GUINT_TO_POINTER (directory));
      if (watched != NULL && strcmp (watched->component, atom->component) == 0)
        lesson_mark (lesson, watched, step);
    }
}

static void
lesson_step (Lesson *lesson, const VarveHistoryStep *step, guint index)
{
  for (guint i = 0; i < step->files->len; i++)
    {
      const VarveFile *file = &lesson->inventory->files[g_array_index (step->files, guint32, i)];
      lesson_mark_in (lesson, varve_plan_atom (lesson->plan, lesson->atom_of[file->object]), file->directory, index);
    }
  for (guint i = 0; i < step->directories->len; i++)
    {
      guint32 directory = g_array_index (step->directories, guint32, i), atom = lesson->sole_atom[directory];
      if (atom < SEVERAL)
        lesson_mark_in (lesson, varve_plan_atom (lesson->plan, atom), directory, index);
    }
}

static void
ledger_record (VarveLedger *ledger, const VarveAtom *atom)
{
  VarveLedgerEntry *entry = varve_ledger_add (ledger, atom->component, atom->subtree);
  entry->digest = varve_ledger_digest (&atom->digest);
  entry->raw_bytes = atom->raw_bytes;
  entry->size_bytes = atom->size_bytes;
  entry->n_steps = varve_ledger_n_steps (ledger);
}

VarveLedger *
varve_learn (const VarvePlan *plan, const VarveInventory *inventory, const VarveCommitHistory *history)
{
  VarveLedger *ledger = varve_ledger_new ();
  g_auto (Lesson) lesson = { .plan = plan, .inventory = inventory, .ledger = ledger };
  g_array_append_vals (ledger->times, history->times->data, MIN (history->times->len, VARVE_LEDGER_BUILDS_MAX));
  for (guint32 i = 0; i < plan->atoms->len; i++)
    ledger_record (ledger, varve_plan_atom (plan, i));
  for (guint32 i = 0; i < plan->watched->len; i++)
    ledger_record (ledger, g_ptr_array_index (plan->watched, i));
  varve_ledger_sort (ledger);
  lesson_init (&lesson);
  for (guint i = 0; i < MIN (history->steps->len, varve_ledger_n_steps (ledger)); i++)
    lesson_step (&lesson, g_ptr_array_index (history->steps, i), i);
  return ledger;
}
