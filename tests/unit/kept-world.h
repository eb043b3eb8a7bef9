/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Trees and published layers in memory, for the tests of layers that are kept; for one test program each.
 *
 * A tree has a content for each path. A content is a number: its last three digits tell contents of one size apart, the
 * others are its size in 1000 bytes. 0 is a directory. All paths of one content are one object. */

#include <string.h>

#include "chunker/atom-digest.h"
#include "chunker/kept-layers.h"
#include "chunker/loose.h"
#include "tests/unit/prng.h"

enum { WORLD_DIRECTORY = 0, WORLD_ATOMS = 6 };

typedef GHashTable WorldTree; /* path -> content */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorldTree, g_hash_table_unref)

G_GNUC_UNUSED static WorldTree *
world_tree_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

G_GNUC_UNUSED static guint
world_content (WorldTree *tree, const char *path)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (tree, path));
}

static gboolean
world_is_below (const char *path, const char *directory)
{
  gsize length = strlen (directory);
  return length == 0 || (strncmp (path, directory, length) == 0 && path[length] == '/');
}

static int
world_compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Sorted; the caller frees the array, the tree has the strings. */
G_GNUC_UNUSED static GPtrArray *
world_paths (WorldTree *tree)
{
  GPtrArray *paths = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer path;
  g_hash_table_iter_init (&iter, tree);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    g_ptr_array_add (paths, path);
  g_ptr_array_sort (paths, world_compare_paths);
  return paths;
}

/* Replaces what is at the path, what is below it, and files above it. */
G_GNUC_UNUSED static void
world_set (WorldTree *tree, const char *path, guint content)
{
  g_autoptr (GPtrArray) paths = world_paths (tree);
  g_autofree char *name = g_strdup (path);
  for (guint i = 0; i < paths->len; i++)
    if (world_is_below (paths->pdata[i], name) || world_is_below (name, paths->pdata[i]))
      g_hash_table_remove (tree, paths->pdata[i]);
  g_hash_table_insert (tree, g_steal_pointer (&name), GUINT_TO_POINTER (content));
}

/* "usr/a=5001 usr/d=0". */
G_GNUC_UNUSED static WorldTree *
world_tree (const char *text)
{
  WorldTree *tree = world_tree_new ();
  g_auto (GStrv) files = g_strsplit (text, " ", 0);
  for (char **file = files; *file != NULL && **file != '\0'; file++)
    {
      char *number = strrchr (*file, '=');
      *number = '\0';
      g_hash_table_insert (tree, g_strdup (*file), GUINT_TO_POINTER ((guint)g_ascii_strtoull (number + 1, NULL, 10)));
    }
  return tree;
}

G_GNUC_UNUSED static WorldTree *
world_copy (WorldTree *tree)
{
  WorldTree *copy = world_tree_new ();
  GHashTableIter iter;
  gpointer path, content;
  g_hash_table_iter_init (&iter, tree);
  while (g_hash_table_iter_next (&iter, &path, &content))
    g_hash_table_insert (copy, g_strdup (path), content);
  return copy;
}

/* Few names, so that paths return, and files become directories and back. */
static char *
world_random_path (guint64 *state)
{
  static const char *const NAMES[] = { "a", "b", "c", "d" };
  GString *path = g_string_new ("usr");
  for (guint64 depth = 1 + prng_below (state, 4); depth > 0; depth--)
    g_string_append_printf (path, "/%s", NAMES[prng_below (state, G_N_ELEMENTS (NAMES))]);
  if (prng_below (state, 60) == 0)
    g_string_append (path, "/.wh.a");
  return g_string_free (path, FALSE);
}

G_GNUC_UNUSED static guint
world_random_content (guint64 *state)
{
  static const guint SIZES[] = { 0, 1, 2, 5, 20, 100 };
  guint size = SIZES[prng_below (state, G_N_ELEMENTS (SIZES))];
  return size * 1000 + 1 + (guint)prng_below (state, 8);
}

/* Sets, removes, renames or links something. */
G_GNUC_UNUSED static void
world_change (WorldTree *tree, guint64 *state)
{
  g_autoptr (GPtrArray) paths = world_paths (tree);
  g_autofree char *fresh = world_random_path (state);
  const char *old = paths->len > 0 ? paths->pdata[prng_below (state, paths->len)] : fresh;
  guint content = paths->len > 0 ? world_content (tree, old) : world_random_content (state);
  guint64 draw = prng_below (state, 20);
  if (draw < 4)
    world_set (tree, fresh, world_random_content (state));
  else if (draw < 5)
    world_set (tree, fresh, WORLD_DIRECTORY);
  else if (draw < 9)
    world_set (tree, old, world_random_content (state));
  else if (draw < 13)
    g_hash_table_remove (tree, old);
  else
    {
      if (draw < 17)
        g_hash_table_remove (tree, old);
      world_set (tree, fresh, content);
    }
}

G_GNUC_UNUSED static WorldTree *
world_random_tree (guint64 *state)
{
  WorldTree *tree = world_tree_new ();
  for (guint64 n = prng_below (state, 40); n > 0; n--)
    {
      g_autofree char *path = world_random_path (state);
      world_set (tree, path, world_random_content (state));
    }
  return tree;
}

/* The files of the directory, then its subdirectories. */
G_GNUC_UNUSED static void
world_walk (WorldTree *tree, const GPtrArray *paths, const char *directory, VarveInventoryBuilder *builder)
{
  gsize length = directory[0] == '\0' ? 0 : strlen (directory) + 1;
  for (guint i = 0; i < paths->len; i++)
    {
      guint content = world_content (tree, paths->pdata[i]);
      VarveDigest checksum = varve_digest_of (&content, sizeof content);
      const char *name = (const char *)paths->pdata[i] + length;
      if (world_is_below (paths->pdata[i], directory) && content != WORLD_DIRECTORY && strchr (name, '/') == NULL)
        varve_inventory_builder_add_file (builder, name, &checksum);
    }
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < paths->len; i++)
    {
      if (!world_is_below (paths->pdata[i], directory))
        continue;
      const char *name = (const char *)paths->pdata[i] + length, *slash = strchr (name, '/');
      gboolean is_directory = slash != NULL || world_content (tree, paths->pdata[i]) == WORLD_DIRECTORY;
      g_autofree char *first = slash != NULL ? g_strndup (name, (gsize)(slash - name)) : g_strdup (name);
      if (!is_directory || !g_hash_table_add (seen, g_strdup (first)))
        continue;
      g_autofree char *below = length > 0 ? g_strconcat (directory, "/", first, NULL) : g_strdup (first);
      varve_inventory_builder_enter (builder, first, &(VarveDirectory){ .mode = 040755 });
      world_walk (tree, paths, below, builder);
      varve_inventory_builder_leave (builder);
    }
}

static VarveInventory *
world_inventory (WorldTree *tree)
{
  VarveDigest commit = { 0 };
  g_autoptr (VarveInventoryBuilder) builder = varve_inventory_builder_new (&commit);
  g_autoptr (GPtrArray) paths = world_paths (tree);
  varve_inventory_builder_enter (builder, "", &(VarveDirectory){ .mode = 040755 });
  world_walk (tree, paths, "", builder);
  varve_inventory_builder_leave (builder);
  VarveInventory *inventory = varve_inventory_builder_finish (builder);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      VarveObject *object = &inventory->objects[i];
      object->size_bytes = world_content (tree, inventory->files[object->first_file].path) / 1000 * 1000;
      object->mode = 0100644;
      object->xattrs = varve_inventory_intern_xattrs (inventory, NULL, 0);
    }
  return inventory;
}

/* Atoms by the first path of each object; without layers. */
G_GNUC_UNUSED static VarvePlan *
world_plan (const VarveInventory *inventory)
{
  VarvePlan *plan = varve_plan_new ();
  for (guint i = 0; i < WORLD_ATOMS; i++)
    {
      const char name[] = { (char)('A' + i), '\0' };
      VarveAtom *atom = varve_plan_add_atom (plan, name, i % 2 == 1 ? "usr" : NULL, VARVE_COMPONENT_PACKAGE);
      atom->objects = g_new (guint32, MAX (inventory->n_objects, 1));
      atom->probability = VARVE_PROBABILITY_ONE / (2 + i * i);
      for (guint32 j = 0; j < inventory->n_objects; j++)
        {
          const VarveObject *object = &inventory->objects[j];
          if (g_str_hash (inventory->files[object->first_file].path) / 3 % WORLD_ATOMS != i)
            continue;
          atom->objects[atom->n_objects++] = j;
          atom->raw_bytes += 2048 + object->size_bytes;
          atom->size_bytes += 64 + object->size_bytes / 4;
        }
      atom->digest = varve_atom_digest (inventory, atom->objects, atom->n_objects);
    }
  for (guint i = WORLD_ATOMS; i-- > 0;)
    if (varve_plan_atom (plan, i)->n_objects == 0)
      g_ptr_array_remove_index (plan->atoms, i);
  return plan;
}

/* Adds the directories above the path. */
G_GNUC_UNUSED static void
world_add_above (WorldTree *tree, const char *path)
{
  for (const char *slash = strchr (path, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    g_hash_table_insert (tree, g_strndup (path, (gsize)(slash - path)), GUINT_TO_POINTER (WORLD_DIRECTORY));
}

/* Whether the tree has the directory, or something below it. */
G_GNUC_UNUSED static gboolean
world_has_directory (WorldTree *tree, const char *directory)
{
  g_autoptr (GPtrArray) paths = world_paths (tree);
  if (g_hash_table_contains (tree, directory) && world_content (tree, directory) == WORLD_DIRECTORY)
    return TRUE;
  for (guint i = 0; i < paths->len; i++)
    if (world_is_below (paths->pdata[i], directory))
      return TRUE;
  return FALSE;
}

/* What is in a published layer: a tree with the contents of its objects. */

/* Each content of the tree is in one of @n layers. Those of a third of the images have also the directories above their
 * files, as plain images do. */
G_GNUC_UNUSED static GPtrArray *
world_publish (WorldTree *tree, guint n, guint64 *state)
{
  GPtrArray *layers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
  guint64 salt = prng_next (state);
  gboolean has_directories = prng_below (state, 3) == 0;
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (layers, world_tree_new ());
  g_autoptr (GPtrArray) paths = world_paths (tree);
  for (guint i = 0; i < paths->len; i++)
    {
      guint content = world_content (tree, paths->pdata[i]);
      guint64 drawn = salt + content;
      WorldTree *layer = layers->pdata[prng_below (&drawn, n)];
      if (content == WORLD_DIRECTORY)
        continue;
      g_hash_table_insert (layer, g_strdup (paths->pdata[i]), GUINT_TO_POINTER (content));
      if (has_directories)
        world_add_above (layer, paths->pdata[i]);
    }
  return layers;
}

/* The paths of a content, sorted; the tree has the strings. */
G_GNUC_UNUSED static GPtrArray *
world_paths_of (WorldTree *tree, guint content)
{
  GPtrArray *paths = world_paths (tree);
  for (guint i = paths->len; i-- > 0;)
    if (world_content (tree, paths->pdata[i]) != content)
      g_ptr_array_remove_index (paths, i);
  return paths;
}

static gboolean
world_same_paths (WorldTree *a, WorldTree *b, guint content)
{
  g_autoptr (GPtrArray) left = world_paths_of (a, content), right = world_paths_of (b, content);
  gboolean is_same = left->len == right->len;
  for (guint i = 0; i < left->len && is_same; i++)
    is_same = strcmp (left->pdata[i], right->pdata[i]) == 0;
  return is_same;
}

/* The contents of a layer, each once, by first path. */
static GArray *
world_contents (WorldTree *layer)
{
  GArray *contents = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) paths = world_paths (layer);
  for (guint i = 0; i < paths->len; i++)
    {
      guint content = world_content (layer, paths->pdata[i]);
      gboolean is_new = content != WORLD_DIRECTORY;
      for (guint j = 0; j < contents->len; j++)
        is_new = is_new && g_array_index (contents, guint, j) != content;
      if (is_new)
        g_array_append_val (contents, content);
    }
  return contents;
}

static guint32
world_object (const VarveInventory *inventory, const GPtrArray *paths)
{
  return inventory->files[varve_inventory_find_file (inventory, paths->pdata[0])].object;
}

static int
world_compare_objects (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
  return (left > right) - (left < right);
}

static VarveStaleObject *
world_stale (WorldTree *layer, guint content)
{
  g_autoptr (GPtrArray) paths = world_paths_of (layer, content);
  VarveDigest checksum = varve_digest_of (&content, sizeof content);
  GPtrArray *copies = g_ptr_array_new ();
  for (guint i = 0; i < paths->len; i++)
    g_ptr_array_add (copies, g_strdup (paths->pdata[i]));
  return varve_stale_object_new (copies, content / 1000 * 1000, varve_stale_object_mark (&checksum));
}

/* The directories of the layer that the tree lacks. */
static GPtrArray *
world_stale_directories (WorldTree *layer, WorldTree *tree)
{
  GPtrArray *paths = world_paths (layer);
  for (guint i = paths->len; i-- > 0;)
    if (world_content (layer, paths->pdata[i]) != WORLD_DIRECTORY || world_has_directory (tree, paths->pdata[i]))
      g_ptr_array_remove_index (paths, i);
  return paths;
}

/* FALSE where the tree has a file there. */
static gboolean
world_add_stale_directories (VarveLayerEntries *entries, WorldTree *layer, WorldTree *tree)
{
  g_autoptr (GPtrArray) directories = world_stale_directories (layer, tree);
  for (guint i = 0; i < directories->len; i++)
    {
      GPtrArray *paths = g_ptr_array_new ();
      g_ptr_array_add (paths, g_strconcat (directories->pdata[i], "/", NULL));
      g_ptr_array_add (entries->stale, varve_stale_object_new (paths, 0, 0));
      if (g_hash_table_contains (tree, directories->pdata[i]))
        return FALSE;
    }
  return TRUE;
}

/* What the layer has, compared with the tree; NULL where a directory is a file of the tree. */
G_GNUC_UNUSED static VarveLayerEntries *
world_entries (WorldTree *layer, WorldTree *tree, const VarveInventory *inventory)
{
  VarveLayerEntries *entries = varve_layer_entries_new ();
  g_autoptr (GArray) contents = world_contents (layer);
  for (guint i = 0; i < contents->len; i++)
    {
      guint content = g_array_index (contents, guint, i);
      g_autoptr (GPtrArray) paths = world_paths_of (layer, content);
      if (world_same_paths (layer, tree, content))
        g_array_append_val (entries->objects, (guint32){ world_object (inventory, paths) });
      else
        g_ptr_array_add (entries->stale, world_stale (layer, content));
    }
  g_array_sort (entries->objects, world_compare_objects);
  if (!world_add_stale_directories (entries, layer, tree))
    g_clear_pointer (&entries, varve_layer_entries_free);
  return entries;
}
