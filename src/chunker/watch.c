#include "chunker/watch.h"

#include <string.h>

#include "chunker/atom-digest.h"
#include "chunker/parts.h"
#include "chunker/subtree-bytes.h"

/* A directory that holds nine tenths of the atom is the atom: its children are looked at instead. */
enum { WHOLE_TENTHS = 9, ATOM_MIN_BYTES = 4 * VARVE_PART_MIN_BYTES };

typedef struct {
  VarvePlan *plan;
  const VarveInventory *inventory;
  const VarveAtom *atom;
  const VarveSubtreeBytes *bytes;
  guint64 all_bytes;
  guint n_watched;
} Search;

static gboolean
is_below (const VarveInventory *inventory, guint32 directory, guint32 parent)
{
  return directory >= parent && directory < inventory->directories[parent].end_directory;
}

/* The objects of the atom whose first path is below the directory, as an atom of their own. */
static void
watch (Search *search, guint32 directory)
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
  VarveAtom *watched = varve_plan_add_watched (search->plan, search->atom->component, inventory->directories[directory].path,
                                               search->atom->kind);
  watched->digest = varve_atom_digest (inventory, objects, n_objects);
  watched->raw_bytes = watched->size_bytes = varve_subtree_bytes_get (search->bytes, directory);
  search->n_watched++;
}

static void
visit (Search *search, guint32 directory)
{
  const VarveDirectory *directories = search->inventory->directories;
  for (guint32 i = directory + 1; i < directories[directory].end_directory && search->n_watched < VARVE_WATCHED_MAX;
       i = directories[i].end_directory)
    {
      guint64 bytes = varve_subtree_bytes_get (search->bytes, i);
      if (bytes < VARVE_PART_MIN_BYTES)
        continue;
      if (bytes > search->all_bytes / 10 * WHOLE_TENTHS)
        visit (search, i);
      else
        watch (search, i);
    }
}

void
varve_watch (VarvePlan *plan, const VarveInventory *inventory)
{
  if (inventory->n_directories == 0)
    return;
  for (guint32 i = 0; i < plan->atoms->len; i++)
    {
      const VarveAtom *atom = varve_plan_atom (plan, i);
      gboolean is_split = atom->kind == VARVE_COMPONENT_PACKAGE || atom->kind == VARVE_COMPONENT_UNOWNED;
      if (!is_split || atom->raw_bytes < ATOM_MIN_BYTES)
        continue;
      g_autoptr (VarveSubtreeBytes) bytes = varve_subtree_bytes_new (inventory, atom);
      Search search = { plan, inventory, atom, bytes, varve_subtree_bytes_get (bytes, 0), 0 };
      visit (&search, 0);
    }
}
