#include "delta/image-files.h"

#include <string.h>

#include "base/fasthash.h"
#include "base/parallel.h"
#include "emit/tar.h"

#define WHITEOUT_PREFIX ".wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"

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

typedef struct {
  const char *prefix;
  gsize length;
} Below;

static gboolean
is_at_or_below (gpointer key, gpointer value, gpointer data)
{
  const Below *below = data;
  const char *name = key;
  return strncmp (name, below->prefix, below->length) == 0
         && (name[below->length] == '/' || name[below->length] == '\0' || below->length == 0);
}

/* "usr/.wh.lib" takes away usr/lib and all below it, "usr/.wh..wh..opq" all below usr. */
static void
apply_whiteout (GHashTable *tree, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (name), *base = g_path_get_basename (name);
  gboolean is_opaque = strcmp (base, WHITEOUT_OPAQUE) == 0;
  if (strcmp (folder, ".") == 0)
    folder[0] = '\0';
  g_autofree char *target = NULL;
  if (is_opaque)
    target = g_strdup (folder);
  else
    target = folder[0] != '\0' ? g_strconcat (folder, "/", base + strlen (WHITEOUT_PREFIX), NULL)
                               : g_strdup (base + strlen (WHITEOUT_PREFIX));
  Below below = { .prefix = target, .length = strlen (target) };
  g_hash_table_foreach_remove (tree, is_at_or_below, &below);
}

static gboolean
is_whiteout (const VarveTarMapEntry *entry)
{
  const char *base = strrchr (entry->name, '/');
  return g_str_has_prefix (base != NULL ? base + 1 : entry->name, WHITEOUT_PREFIX);
}

static void
add_file (VarveImageFiles *files, GHashTable *tree, const VarveTarMap *map, const VarveTarMapEntry *entry)
{
  VarveImageFile *file = g_new0 (VarveImageFile, 1);
  file->content = (VarveExtent){ .at = map->tar.at + entry->content_at, .size_bytes = entry->size_bytes };
  file->hash = entry->hash;
  file->names = g_ptr_array_new ();
  g_ptr_array_add (files->files, file);
  g_hash_table_insert (tree, (gpointer)entry->name, file);
}

static void
apply_layer (VarveImageFiles *files, GHashTable *tree, const VarveTarMap *map)
{
  for (guint i = 0; i < map->entries->len; i++)
    {
      const VarveTarMapEntry *entry = &g_array_index (map->entries, VarveTarMapEntry, i);
      if (is_whiteout (entry))
        apply_whiteout (tree, entry->name);
    }
  for (guint i = 0; i < map->entries->len; i++)
    {
      const VarveTarMapEntry *entry = &g_array_index (map->entries, VarveTarMapEntry, i);
      VarveImageFile *target = entry->type == VARVE_TAR_HARD_LINK ? g_hash_table_lookup (tree, entry->link_name) : NULL;
      if (is_whiteout (entry))
        continue;
      if (entry->type == VARVE_TAR_FILE && entry->size_bytes > 0)
        add_file (files, tree, map, entry);
      else if (target != NULL)
        g_hash_table_insert (tree, (gpointer)entry->name, target);
      else
        g_hash_table_remove (tree, entry->name);
    }
}

/* In the order of the layers, so that it depends on nothing else. */
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

VarveImageFiles *
varve_image_files_read (const VarveImage *image, const VarveImageFilesOptions *options, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (VarveImageFiles) files = g_new0 (VarveImageFiles, 1);
  files->spool = options->spool;
  files->maps = g_ptr_array_new_with_free_func (map_free);
  g_ptr_array_set_size (files->maps, (int)image->manifest->layers->len);
  files->files = g_ptr_array_new_with_free_func ((GDestroyNotify)image_file_free);
  files->by_name = g_hash_table_new (varve_fasthash_string, g_str_equal);
  Reading reading = { .image = image, .options = options, .files = files };
  if (!varve_parallel_for (options->jobs, files->maps->len, read_layer, &reading, cancellable, error))
    return NULL;
  g_autoptr (GHashTable) tree = g_hash_table_new (varve_fasthash_string, g_str_equal);
  for (guint i = 0; i < files->maps->len; i++)
    if (files->maps->pdata[i] != NULL)
      apply_layer (files, tree, files->maps->pdata[i]);
  collect_names (files, tree);
  return g_steal_pointer (&files);
}
