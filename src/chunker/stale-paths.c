/* SPDX-License-Identifier: Apache-2.0 */
#include "chunker/stale-paths.h"

#include <string.h>

#include "base/fasthash.h"
#include "model/whiteout.h"

void
varve_stale_paths_init (VarveStalePaths *self, const VarveInventory *inventory, const char *shown)
{
  self->inventory = inventory;
  self->shown = shown;
  self->files = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, NULL);
  self->folders = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, NULL);
}

void
varve_stale_paths_clear (VarveStalePaths *self)
{
  g_clear_pointer (&self->files, g_hash_table_unref);
  g_clear_pointer (&self->folders, g_hash_table_unref);
}

static gboolean
has_file (const VarveStalePaths *self, const char *path)
{
  return varve_inventory_find_file (self->inventory, path) != VARVE_NO_INDEX;
}

/* Whether the path is a directory that is shown in any case, or one above it. */
static gboolean
is_shown (const VarveStalePaths *self, const char *path)
{
  gsize length = strlen (path);
  return self->shown != NULL && strncmp (self->shown, path, length) == 0
         && (self->shown[length] == '/' || self->shown[length] == '\0');
}

static gboolean
has_directory (const VarveStalePaths *self, const char *path)
{
  return varve_inventory_find_directory (self->inventory, path) != VARVE_NO_INDEX || is_shown (self, path);
}

/* Cuts the last component off; FALSE where only one is left. */
static gboolean
go_up (char *path)
{
  char *slash = strrchr (path, '/');
  if (slash == NULL)
    return FALSE;
  *slash = '\0';
  return TRUE;
}

/* The path of a folder without its "/". */
static char *
without_slash (const char *path, gboolean *out_is_folder)
{
  gsize length = strlen (path);
  *out_is_folder = g_str_has_suffix (path, "/");
  return g_strndup (path, *out_is_folder ? length - 1 : length);
}

static gboolean
can_hide (const VarveStalePaths *self, const char *path)
{
  gboolean is_folder;
  g_autofree char *name = without_slash (path, &is_folder);
  if (varve_whiteout_is_in (name) || has_directory (self, name) || (is_folder && has_file (self, name))
      || g_hash_table_contains (is_folder ? self->files : self->folders, name))
    return FALSE;
  while (go_up (name))
    if (has_file (self, name) || g_hash_table_contains (self->files, name))
      return FALSE;
  return TRUE;
}

static void
add_path (VarveStalePaths *self, const char *path)
{
  gboolean is_folder;
  g_autofree char *name = without_slash (path, &is_folder);
  if (has_file (self, name) || !g_hash_table_add (is_folder ? self->folders : self->files, g_strdup (name)))
    return;
  while (go_up (name) && g_hash_table_add (self->folders, g_strdup (name)))
    continue;
}

gboolean
varve_stale_paths_add (VarveStalePaths *self, const VarveLayerEntries *entries)
{
  for (guint i = 0; i < entries->stale->len; i++)
    for (char **path = ((VarveStaleObject *)entries->stale->pdata[i])->paths; *path != NULL; path++)
      if (!can_hide (self, *path))
        return FALSE;
  for (guint i = 0; i < entries->stale->len; i++)
    for (char **path = ((VarveStaleObject *)entries->stale->pdata[i])->paths; *path != NULL; path++)
      add_path (self, *path);
  return TRUE;
}

static char *
topmost_absent (const VarveStalePaths *self, const char *path)
{
  char *absent = g_strdup (path);
  g_autofree char *above = g_strdup (path);
  while (go_up (above) && !has_directory (self, above))
    absent[strlen (above)] = '\0';
  return absent;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
list_absent (const VarveStalePaths *self, GHashTable *paths, GHashTable *absent)
{
  GHashTableIter iter;
  gpointer path;
  g_hash_table_iter_init (&iter, paths);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    if (!has_directory (self, path))
      g_hash_table_add (absent, topmost_absent (self, path));
}

GPtrArray *
varve_stale_paths_absent (const VarveStalePaths *self)
{
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  list_absent (self, self->files, found);
  list_absent (self, self->folders, found);
  GPtrArray *absent = g_ptr_array_new_with_free_func (g_free);
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (found, NULL);
  for (gpointer *key = keys; *key != NULL; key++)
    g_ptr_array_add (absent, *key);
  g_hash_table_steal_all (found);
  g_ptr_array_sort (absent, compare_strings);
  return absent;
}
