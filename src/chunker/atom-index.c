/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/atom-index.h"

static char *
key_of (const char *component, const char *subtree)
{
  return subtree != NULL ? g_strconcat (component, "\n", subtree, NULL) : g_strdup (component);
}

void
varve_atom_index_init (VarveAtomIndex *self, const VarvePlan *plan)
{
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, i);
      g_hash_table_insert (self->by_key, key_of (atom->component, atom->subtree), GUINT_TO_POINTER (i + 1));
      g_hash_table_insert (self->by_name, atom->name, GUINT_TO_POINTER (i + 1));
    }
}

void
varve_atom_index_clear (VarveAtomIndex *self)
{
  g_clear_pointer (&self->by_key, g_hash_table_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
}

/* 0 - 1 is VARVE_NO_ATOM. */
guint32
varve_atom_index_find (const VarveAtomIndex *self, const char *component, const char *subtree,
                       gboolean knows_names_only)
{
  g_autofree char *key = key_of (component, subtree);
  guint32 found = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_key, key));
  if (found == 0 && subtree == NULL && knows_names_only)
    found = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, component));
  return found - 1;
}
