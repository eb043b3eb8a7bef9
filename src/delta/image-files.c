/* SPDX-License-Identifier: Apache-2.0 */
#include "delta/image-files.h"

#include <string.h>

#include "base/fasthash.h"
#include "base/parallel.h"
#include "emit/tar.h"
#include "model/whiteout.h"

static void
image_file_free (VarveImageFile *file)
{
  g_ptr_array_unref (file->names);
  g_free (file);
}

static void
map_free (gpointer map)
{
  if (map != NULL)
    varve_tar_map_free (map);
}

void
varve_image_files_free (VarveImageFiles *files)
{
  g_hash_table_unref (files->by_name);
  g_ptr_array_unref (files->files);
  g_ptr_array_unref (files->maps);
  g_free (files);
}

gboolean
varve_image_files_is_hidden (const char *name)
{
  return g_str_has_prefix (name, "sysroot/ostree/") || g_str_has_prefix (name, "ostree/");
}

typedef struct {
  const VarveImage *image;
  const VarveImageFilesOptions *options;
  VarveImageFiles *files;
} Reading;

static gboolean
read_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Reading *reading = data;
  const VarveImageFilesOptions *options = reading->options;
  if (options->wanted != NULL && !options->wanted[index])
    return TRUE;
  VarveTarMapOptions map_options = { .kind = options->kind, .spool = options->spool, .observer = options->observer };
  reading->files->maps->pdata[index]
      = varve_tar_map_read (reading->image, (guint)index, &map_options, cancellable, error);
  return reading->files->maps->pdata[index] != NULL;
}

/* The tree while layers are applied. */
typedef struct {
  VarveImageFiles *files;
  GHashTable *nodes;   /* char * -> VarveImageFile */
  GHashTable *folders; /* set of char *: directories that have, or had, nodes below them */
} Layering;

typedef struct {
  const char *path;
  gsize length;
  gboolean is_included; /* path itself, too */
} Removal;

static gboolean
removal_matches (gpointer key, gpointer value, gpointer data)
{
  const Removal *removal = data;
  const char *name = key;
  if (removal->length == 0)
    return TRUE;
  return strncmp (name, removal->path, removal->length) == 0
         && (name[removal->length] == '/' || (removal->is_included && name[removal->length] == '\0'));
}

static void
layering_remove (Layering *layering, const char *path, gboolean is_included)
{
  Removal removal = { .path = path, .length = strlen (path), .is_included = is_included };
  if (is_included)
    g_hash_table_remove (layering->nodes, path);
  if (path[0] == '\0' || g_hash_table_contains (layering->folders, path))
    g_hash_table_foreach_remove (layering->nodes, removal_matches, &removal);
}

/* Whether the path is one of AUFS's own files, or below one. */
static gboolean
is_of_aufs (const char *name)
{
  if (strstr (name, ".wh.") == NULL)
    return FALSE;
  g_autofree char *path = g_strdup (name);
  for (char *slash = path; slash != NULL; slash = strrchr (path, '/'))
    {
      if (slash != path)
        *slash = '\0';
      if (varve_whiteout_parse (path, NULL) == VARVE_WHITEOUT_AUFS)
        return TRUE;
    }
  return FALSE;
}

/* "usr/.wh.lib" removes usr/lib and all below it, "usr/.wh..wh..opq" all below usr. */
static void
layering_apply_whiteout (Layering *layering, const char *name)
{
  g_autofree char *removed = varve_whiteout_removed (name);
  if (removed == NULL)
    return;
  gsize length = strlen (removed);
  gboolean is_below = length == 0 || removed[length - 1] == '/';
  removed[length - (length > 0 && is_below)] = '\0';
  layering_remove (layering, removed, !is_below);
}

static void
layering_insert (Layering *layering, const char *name, VarveImageFile *file)
{
  g_autofree char *folder = g_strdup (name);
  g_hash_table_insert (layering->nodes, (gpointer)name, file);
  for (char *slash = strrchr (folder, '/'); slash != NULL; slash = strrchr (folder, '/'))
    {
      *slash = '\0';
      if (!g_hash_table_add (layering->folders, g_strdup (folder)))
        return;
    }
}

static VarveImageFile *
layering_new_file (Layering *layering, const VarveTarMap *map, const VarveTarMapEntry *entry)
{
  VarveImageFile *file = g_new0 (VarveImageFile, 1);
  file->content = (VarveExtent){ .at = map->tar.at + entry->content_at, .size_bytes = entry->size_bytes };
  file->hash = entry->hash;
  file->names = g_ptr_array_new ();
  g_ptr_array_add (layering->files->files, file);
  return file;
}

/* Empty files, symlinks and others only hide what lower layers have under their name. */
static void
layering_apply_entry (Layering *layering, const VarveTarMap *map, const VarveTarMapEntry *entry)
{
  VarveImageFile *file = NULL;
  if (entry->type == VARVE_TAR_FILE && entry->size_bytes > 0)
    file = layering_new_file (layering, map, entry);
  else if (entry->type == VARVE_TAR_HARD_LINK)
    file = g_hash_table_lookup (layering->nodes, entry->link_name);
  if (entry->type == VARVE_TAR_DIRECTORY)
    g_hash_table_remove (layering->nodes, entry->name);
  else
    layering_remove (layering, entry->name, TRUE);
  if (file != NULL)
    layering_insert (layering, entry->name, file);
}

/* Whiteouts first: they hide what lower layers have, not what this one has. */
static void
layering_apply (Layering *layering, const VarveTarMap *map)
{
  for (guint i = 0; i < map->entries->len; i++)
    {
      const char *name = g_array_index (map->entries, VarveTarMapEntry, i).name;
      if (!is_of_aufs (name))
        layering_apply_whiteout (layering, name);
    }
  for (guint i = 0; i < map->entries->len; i++)
    {
      const VarveTarMapEntry *entry = &g_array_index (map->entries, VarveTarMapEntry, i);
      if (entry->name[0] != '\0' && !is_of_aufs (entry->name)
          && varve_whiteout_parse (entry->name, NULL) == VARVE_WHITEOUT_NONE)
        layering_apply_entry (layering, map, entry);
    }
}

/* In the order of the layers, so that the result is deterministic. */
static void
collect_names (VarveImageFiles *files, GHashTable *tree)
{
  for (guint i = 0; i < files->maps->len; i++)
    {
      const VarveTarMap *map = files->maps->pdata[i];
      for (guint k = 0; map != NULL && k < map->entries->len; k++)
        {
          const char *name = g_array_index (map->entries, VarveTarMapEntry, k).name;
          VarveImageFile *file = varve_image_files_is_hidden (name) ? NULL : g_hash_table_lookup (tree, name);
          if (file != NULL && g_hash_table_insert (files->by_name, (gpointer)name, file))
            g_ptr_array_add (file->names, (gpointer)name);
        }
    }
  for (guint i = files->files->len; i-- > 0;)
    if (((VarveImageFile *)files->files->pdata[i])->names->len == 0)
      g_ptr_array_remove_index (files->files, i);
}

static VarveImageFiles *
files_new (VarveExtentFile *spool, guint n_layers)
{
  VarveImageFiles *files = g_new0 (VarveImageFiles, 1);
  files->spool = spool;
  files->maps = g_ptr_array_new_with_free_func (map_free);
  g_ptr_array_set_size (files->maps, (int)n_layers);
  files->files = g_ptr_array_new_with_free_func ((GDestroyNotify)image_file_free);
  files->by_name = g_hash_table_new (varve_fasthash_string, g_str_equal);
  return files;
}

/* Applies the layers that there are maps of. */
static void
files_apply_layers (VarveImageFiles *files)
{
  g_autoptr (GHashTable) nodes = g_hash_table_new (varve_fasthash_string, g_str_equal);
  g_autoptr (GHashTable) folders = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, NULL);
  Layering layering = { .files = files, .nodes = nodes, .folders = folders };
  for (guint i = 0; i < files->maps->len; i++)
    if (files->maps->pdata[i] != NULL)
      layering_apply (&layering, files->maps->pdata[i]);
  collect_names (files, nodes);
}

VarveImageFiles *
varve_image_files_read (const VarveImage *image, const VarveImageFilesOptions *options, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (VarveImageFiles) files = files_new (options->spool, image->manifest->layers->len);
  Reading reading = { .image = image, .options = options, .files = files };
  if (!varve_parallel_for (options->jobs, files->maps->len, read_layer, &reading, cancellable, error))
    return NULL;
  files_apply_layers (files);
  return g_steal_pointer (&files);
}

VarveImageFiles *
varve_image_files_of_maps (GPtrArray *maps)
{
  VarveImageFiles *files = files_new (NULL, maps->len);
  for (guint i = 0; i < maps->len; i++)
    files->maps->pdata[i] = g_steal_pointer (&maps->pdata[i]);
  files_apply_layers (files);
  return files;
}
