/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the subtrees of large atoms whose changes are recorded. */
#include "chunker/watched-dirs.h"

#include <string.h>

#include "chunker/atom-digest.h"
#include "chunker/parts.h"
#include "chunker/subtree-bytes.h"

/* A directory with more than nine tenths of the atom is as good as the atom: its children are visited instead. */
enum { WHOLE_TENTHS = 9, ATOM_MIN_BYTES = 4 * VARVE_PART_MIN_BYTES };

typedef struct {
  VarvePlan *plan;
  const VarveInventory *inventory;
  const VarveAtom *atom;
  const VarveSubtreeBytes *bytes;
  guint64 all_bytes;
  GHashTable *taken; /* names of atoms and of watched subtrees */
  guint n_watched;
} Search;

static gboolean
is_below (const VarveInventory *inventory, guint32 directory, guint32 parent)
{
  return directory >= parent && directory < inventory->directories[parent].end_directory;
}

/* An object that several components share may be outside of its own part, in the folder of another one; and too long a
 * path has no name in a ledger. */
static gboolean
search_may_watch (Search *search, guint32 directory)
{
  const char *path = search->inventory->directories[directory].path;
  return strlen (path) <= VARVE_LEDGER_NAME_MAX_BYTES
         && g_hash_table_add (search->taken, g_strconcat (search->atom->component, "\n", path, NULL));
}

/* The objects of the atom whose first path is below the directory, as an atom of their own. */
static void
search_watch (Search *search, guint32 directory)
{
  const VarveInventory *inventory = search->inventory;
  g_autofree guint32 *objects = g_new (guint32, search->atom->n_objects);
  guint32 n_objects = 0;
  for (guint32 i = 0; i < search->atom->n_objects; i++)
    {
      guint32 file = inventory->objects[search->atom->objects[i]].first_file;
      if (is_below (inventory, inventory->files[file].directory, directory))
        objects[n_objects++] = search->atom->objects[i];
    }
  VarveAtom *watched = varve_plan_add_watched (search->plan, search->atom->component,
                                               inventory->directories[directory].path, search->atom->kind);
  watched->digest = varve_atom_digest (inventory, objects, n_objects);
  watched->raw_bytes = watched->size_bytes = varve_subtree_bytes_get (search->bytes, directory);
  search->n_watched++;
}

static void
search_visit (Search *search, guint32 directory)
{
  const VarveDirectory *directories = search->inventory->directories;
  for (guint32 i = directory + 1;
       i < directories[directory].end_directory && search->n_watched < VARVE_WATCHED_DIRS_MAX;
       i = directories[i].end_directory)
    {
      guint64 bytes = varve_subtree_bytes_get (search->bytes, i);
      if (bytes < VARVE_PART_MIN_BYTES)
        continue;
      if (bytes > search->all_bytes / 10 * WHOLE_TENTHS)
        search_visit (search, i);
      else if (search_may_watch (search, i))
        search_watch (search, i);
    }
}

void
varve_watched_dirs_find (VarvePlan *plan, const VarveInventory *inventory)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (inventory->n_directories == 0)
    return;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    if (varve_plan_atom (plan, i)->subtree != NULL)
      g_hash_table_add (
          taken, g_strconcat (varve_plan_atom (plan, i)->component, "\n", varve_plan_atom (plan, i)->subtree, NULL));
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, i);
      gboolean is_split = atom->kind == VARVE_COMPONENT_PACKAGE || atom->kind == VARVE_COMPONENT_UNOWNED;
      if (!is_split || atom->raw_bytes < ATOM_MIN_BYTES)
        continue;
      g_autoptr (VarveSubtreeBytes) bytes = varve_subtree_bytes_new (inventory, atom);
      Search search = { plan, inventory, atom, bytes, varve_subtree_bytes_get (bytes, 0), taken, 0 };
      search_visit (&search, 0);
    }
}
