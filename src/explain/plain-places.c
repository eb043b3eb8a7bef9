/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/plain-places.h"

#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "model/whiteout.h"
#include "verify/plain-layer.h"
#include "verify/read-layers.h"

/* Of Linux: symlinks that it follows, and bytes of a path. */
enum { LINKS_MAX = 40, RESOLVED_MAX_BYTES = 4096 };

typedef struct {
  const VarveImage *image;
  VarveObserver *observer;
  GPtrArray *layers; /* GHashTable of each layer: path -> VarvePlainPlace; whiteouts among them */
} Reading;

static void
place_free (gpointer data)
{
  VarvePlainPlace *place = data;
  g_free (place->target);
  g_free (place);
}

GHashTable *
varve_plain_places_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, place_free);
}

typedef struct {
  GHashTable *places;
  guint layer;
} LayerReading;

static gboolean
take_entry (gpointer data, const VarveForeignEntry *entry, VarveForeignTar *tar, GError **error)
{
  const LayerReading *reading = data;
  char *path = varve_tar_clean_name (entry->name);
  if (path == NULL || path[0] == '\0')
    {
      g_free (path);
      return TRUE;
    }
  VarvePlainPlace *place = g_new0 (VarvePlainPlace, 1);
  place->layer = reading->layer;
  place->is_folder = entry->type == VARVE_FOREIGN_DIRECTORY;
  place->target = entry->type == VARVE_FOREIGN_SYMLINK ? g_strdup (entry->link_name) : NULL;
  place->size_bytes = entry->type == VARVE_FOREIGN_FILE ? entry->size_bytes : 0;
  g_hash_table_replace (reading->places, path, place);
  return TRUE;
}

static gboolean
read_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  const Reading *self = data;
  VarveDecompressed sums;
  LayerReading reading = { .places = self->layers->pdata[index], .layer = (guint)index };
  VarvePlainLayer layer = { .image = self->image, .index = (guint)index, .func = take_entry, .data = &reading };
  gboolean read
      = varve_plain_layer_read (&layer, &sums, cancellable, error) && varve_plain_layer_check (&layer, &sums, error);
  varve_observer_advance (self->observer, varve_manifest_layer (self->image->manifest, (guint)index)->size_bytes);
  if (read)
    return TRUE;
  g_autofree char *place = varve_layer_place (self->image, (guint)index);
  g_prefix_error (error, "%s: ", place);
  return FALSE;
}

/* What the layer removes from those below: paths with all below them, and (ending in "/") what is below a folder. */
static GHashTable *
find_removed (GHashTable *all, GHashTable *layer)
{
  GHashTable *removed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, layer);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const char *path = key;
      char *by_whiteout = varve_whiteout_removed (path);
      const VarvePlainPlace *known = g_hash_table_lookup (all, path);
      if (by_whiteout != NULL)
        g_hash_table_add (removed, by_whiteout);
      else if (known != NULL && known->is_folder && !((VarvePlainPlace *)value)->is_folder)
        g_hash_table_add (removed, g_strconcat (path, "/", NULL));
    }
  return removed;
}

static gboolean
is_removed (gpointer key, gpointer value, gpointer removed)
{
  g_autofree char *path = g_strdup (key);
  if (g_hash_table_contains (removed, path) || g_hash_table_contains (removed, ""))
    return TRUE;
  for (char *slash = strrchr (path, '/'); slash != NULL; slash = strrchr (path, '/'))
    {
      slash[1] = '\0';
      if (g_hash_table_contains (removed, path))
        return TRUE;
      *slash = '\0';
      if (g_hash_table_contains (removed, path))
        return TRUE;
    }
  return FALSE;
}

/* A folder stays with the first layer that has it: later ones repeat it. */
static void
add_layer (GHashTable *all, GHashTable *layer)
{
  g_autoptr (GHashTable) removed = find_removed (all, layer);
  GHashTableIter iter;
  gpointer key, value;
  if (g_hash_table_size (removed) > 0)
    g_hash_table_foreach_remove (all, is_removed, removed);
  g_hash_table_iter_init (&iter, layer);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const VarvePlainPlace *known = g_hash_table_lookup (all, key);
      gboolean repeats = known != NULL && known->is_folder && ((VarvePlainPlace *)value)->is_folder;
      if (repeats || varve_whiteout_parse (key, NULL) != VARVE_WHITEOUT_NONE)
        continue;
      g_hash_table_iter_steal (&iter);
      g_hash_table_replace (all, key, value);
    }
}

GHashTable *
varve_plain_places_read (const VarveImage *image, guint jobs, VarveObserver *observer, GCancellable *cancellable,
                         GError **error)
{
  guint64 bytes = 0;
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
  for (guint i = 0; i < image->manifest->layers->len; i++)
    {
      bytes += varve_manifest_layer (image->manifest, i)->size_bytes;
      g_ptr_array_add (layers, varve_plain_places_new ());
    }
  Reading reading = { .image = image, .observer = observer, .layers = layers };
  varve_observer_begin (observer, "reading layers", bytes);
  if (!varve_parallel_for (jobs, layers->len, read_layer, &reading, cancellable, error))
    return NULL;
  GHashTable *all = varve_plain_places_new ();
  for (guint i = 0; i < layers->len; i++)
    add_layer (all, layers->pdata[i]);
  return all;
}

/* Sets the end of the first component that is a symlink, not the last one; NULL where there is none. */
static const VarvePlainPlace *
find_link (GHashTable *places, const char *path, const char **out_end)
{
  g_autofree char *folder = g_strdup (path);
  for (char *slash = strchr (folder, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      *slash = '\0';
      const VarvePlainPlace *place = g_hash_table_lookup (places, folder);
      *slash = '/';
      *out_end = path + (slash - folder);
      if (place != NULL && place->target != NULL)
        return place;
    }
  return NULL;
}

/* "usr/lib/../bin" becomes "usr/bin"; NULL where it leads out or is too long. */
static char *
normalize (const char *path)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  for (char **name = names; *name != NULL; name++)
    {
      if (strcmp (*name, "..") == 0 && kept->len == 0)
        return NULL;
      if (strcmp (*name, "..") == 0)
        g_ptr_array_set_size (kept, (gint)kept->len - 1);
      else if (**name != '\0' && strcmp (*name, ".") != 0)
        g_ptr_array_add (kept, *name);
    }
  g_ptr_array_add (kept, NULL);
  g_autofree char *normal = g_strjoinv ("/", (char **)kept->pdata);
  return strlen (normal) <= RESOLVED_MAX_BYTES ? g_steal_pointer (&normal) : NULL;
}

char *
varve_plain_places_resolve (GHashTable *places, const char *path)
{
  g_autofree char *resolved = normalize (path);
  for (guint n = 0; resolved != NULL && n < LINKS_MAX; n++)
    {
      const char *end;
      const VarvePlainPlace *link = find_link (places, resolved, &end);
      if (link == NULL)
        return g_steal_pointer (&resolved);
      g_autofree char *before = g_strndup (resolved, (gsize)(end - resolved));
      char *slash = strrchr (before, '/');
      if (slash != NULL)
        *slash = '\0';
      gboolean is_absolute = link->target[0] == '/' || slash == NULL;
      g_autofree char *next = g_strconcat (is_absolute ? "" : before, "/", link->target, end, NULL);
      g_free (resolved);
      resolved = normalize (next);
    }
  return NULL;
}
