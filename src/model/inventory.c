/* SPDX-License-Identifier: Apache-2.0 */
/* Paths are whole strings rather than name and parent: package databases look them up, and about sixty bytes a file is
 * less than the objects take. */
#include "model/inventory.h"

#include <string.h>

#include "base/fasthash.h"

enum { PATH_MAX_BYTES = 4096, SYMLINKS_MAX = 40, STRING_CHUNK_BYTES = 1 << 16 };

struct _VarveInventoryBuilder {
  VarveInventory *inventory;
  GArray *objects, *files, *directories;
  GHashTable *objects_by_checksum; /* VarveDigest -> index + 1 */
  GArray *last_files;              /* for each object, its latest entry in files */
  guint32 open_directory;
};

void
varve_inventory_free (VarveInventory *inventory)
{
  g_free (inventory->objects);
  g_free (inventory->files);
  g_free (inventory->directories);
  g_hash_table_unref (inventory->files_by_path);
  g_hash_table_unref (inventory->directories_by_path);
  g_hash_table_unref (inventory->interned_xattrs);
  g_string_chunk_free (inventory->strings);
  g_free (inventory);
}

static guint32
find_index (GHashTable *table, const char *path)
{
  gpointer value = g_hash_table_lookup (table, path);
  return value != NULL ? GPOINTER_TO_UINT (value) - 1 : VARVE_NO_INDEX;
}

guint32
varve_inventory_find_file (const VarveInventory *inventory, const char *path)
{
  return find_index (inventory->files_by_path, path);
}

guint32
varve_inventory_find_directory (const VarveInventory *inventory, const char *path)
{
  return find_index (inventory->directories_by_path, path);
}

/* The target of the symlink at @path, or NULL. */
static const char *
symlink_at (const VarveInventory *inventory, const char *path)
{
  guint32 file = varve_inventory_find_file (inventory, path);
  return file != VARVE_NO_INDEX ? inventory->objects[inventory->files[file].object].symlink_target : NULL;
}

/* Appends one component to @resolved; ".." removes one. FALSE if that leaves the tree. */
static gboolean
append_component (GString *resolved, const char *component, gsize length)
{
  if (length == 0 || (length == 1 && component[0] == '.'))
    return TRUE;
  if (length == 2 && strncmp (component, "..", 2) == 0)
    {
      if (resolved->len == 0)
        return FALSE;
      const char *slash = strrchr (resolved->str, '/');
      g_string_truncate (resolved, slash != NULL ? (gsize)(slash - resolved->str) : 0);
      return TRUE;
    }
  if (resolved->len > 0)
    g_string_append_c (resolved, '/');
  g_string_append_len (resolved, component, (gssize)length);
  return TRUE;
}

char *
varve_inventory_resolve (const VarveInventory *inventory, const char *path)
{
  gboolean has_usr_etc = varve_inventory_find_directory (inventory, "usr/etc") != VARVE_NO_INDEX
                         && varve_inventory_find_directory (inventory, "etc") == VARVE_NO_INDEX;
  g_autofree char *rest = g_strdup (path);
  g_autoptr (GString) resolved = g_string_new (NULL);
  guint followed = 0;
  for (const char *next = rest; *next != '\0';)
    {
      gsize length = strcspn (next, "/");
      if (!append_component (resolved, next, length) || resolved->len > PATH_MAX_BYTES)
        return NULL;
      next += length;
      next += strspn (next, "/");
      gboolean is_last = *next == '\0';
      if (has_usr_etc && strcmp (resolved->str, "etc") == 0)
        g_string_assign (resolved, "usr/etc");
      const char *target = is_last ? NULL : symlink_at (inventory, resolved->str);
      if (target == NULL)
        continue;
      if (++followed > SYMLINKS_MAX || strlen (target) + strlen (next) > PATH_MAX_BYTES)
        return NULL;
      if (target[0] == '/')
        g_string_truncate (resolved, 0);
      else if (!append_component (resolved, "..", 2))
        return NULL;
      char *joined = g_strconcat (target, "/", next, NULL);
      g_free (rest);
      rest = joined;
      next = rest;
      next += strspn (next, "/");
    }
  return g_string_free (g_steal_pointer (&resolved), FALSE);
}

static gboolean
is_linked_when_deployed (const char *path)
{
  return g_str_has_prefix (path, "usr/") && !g_str_has_prefix (path, "usr/etc/");
}

/* @first: time -> index + 1 of the first path with it. */
static void
link_paths (VarveInventory *inventory, const VarveObject *object, GHashTable *first)
{
  g_hash_table_remove_all (first);
  for (guint32 i = object->first_file; i != VARVE_NO_INDEX; i = inventory->files[i].next_file)
    {
      VarveFile *file = &inventory->files[i];
      if (!is_linked_when_deployed (file->path))
        continue;
      gpointer known = g_hash_table_lookup (first, &file->time);
      file->link_to = known != NULL ? GPOINTER_TO_UINT (known) - 1 : VARVE_NO_INDEX;
      if (known == NULL)
        g_hash_table_insert (first, &file->time, GUINT_TO_POINTER (i + 1));
    }
}

void
varve_inventory_link_as_deployed (VarveInventory *inventory)
{
  g_autoptr (GHashTable) first = g_hash_table_new (g_int64_hash, g_int64_equal);
  for (guint32 i = 0; i < inventory->n_objects; i++)
    {
      const VarveObject *object = &inventory->objects[i];
      gboolean is_single = inventory->files[object->first_file].next_file == VARVE_NO_INDEX;
      if (!is_single && object->symlink_target == NULL && object->size_bytes > 0)
        link_paths (inventory, object, first);
    }
}

void
varve_inventory_forget_times (VarveInventory *inventory)
{
  for (guint32 i = 0; i < inventory->n_files; i++)
    {
      inventory->files[i].time = VARVE_FILE_TIME_NONE;
      inventory->files[i].is_time_bound = FALSE;
    }
}

guint32
varve_inventory_count_paths (const VarveInventory *inventory, guint32 object)
{
  guint32 n_paths = 0;
  for (guint32 file = inventory->objects[object].first_file; file != VARVE_NO_INDEX;
       file = inventory->files[file].next_file)
    n_paths++;
  return n_paths;
}

gsize
varve_inventory_memory_bytes (const VarveInventory *inventory)
{
  enum { TABLE_ENTRY_BYTES = 2 * (8 + 8 + 4) }; /* key, value, hash; half full */
  gsize bytes = inventory->n_objects * sizeof (VarveObject) + inventory->n_files * sizeof (VarveFile)
                + inventory->n_directories * sizeof (VarveDirectory)
                + ((gsize)inventory->n_files + inventory->n_directories) * TABLE_ENTRY_BYTES;
  for (guint32 i = 0; i < inventory->n_files; i++)
    bytes += strlen (inventory->files[i].path) + 1;
  for (guint32 i = 0; i < inventory->n_directories; i++)
    bytes += strlen (inventory->directories[i].path) + 1;
  return bytes;
}

const char *
varve_inventory_intern_string (VarveInventory *inventory, const char *string)
{
  return g_string_chunk_insert (inventory->strings, string);
}

GBytes *
varve_inventory_intern_xattrs (VarveInventory *inventory, const void *data, gsize size_bytes)
{
  g_autoptr (GBytes) candidate = g_bytes_new (data, size_bytes);
  GBytes *known = g_hash_table_lookup (inventory->interned_xattrs, candidate);
  if (known != NULL)
    return known;
  known = candidate;
  g_hash_table_add (inventory->interned_xattrs, g_steal_pointer (&candidate));
  return known;
}

VarveInventoryBuilder *
varve_inventory_builder_new (const VarveDigest *commit)
{
  VarveInventory *inventory = g_new0 (VarveInventory, 1);
  inventory->commit = *commit;
  inventory->strings = g_string_chunk_new (STRING_CHUNK_BYTES);
  inventory->interned_xattrs = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
  inventory->files_by_path = g_hash_table_new (varve_fasthash_string, g_str_equal);
  inventory->directories_by_path = g_hash_table_new (varve_fasthash_string, g_str_equal);

  VarveInventoryBuilder *builder = g_new0 (VarveInventoryBuilder, 1);
  *builder = (VarveInventoryBuilder){
    .inventory = inventory,
    .objects = g_array_new (FALSE, FALSE, sizeof (VarveObject)),
    .files = g_array_new (FALSE, FALSE, sizeof (VarveFile)),
    .directories = g_array_new (FALSE, FALSE, sizeof (VarveDirectory)),
    .objects_by_checksum = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL),
    .last_files = g_array_new (FALSE, FALSE, sizeof (guint32)),
    .open_directory = VARVE_NO_INDEX,
  };
  return builder;
}

void
varve_inventory_builder_free (VarveInventoryBuilder *builder)
{
  g_clear_pointer (&builder->inventory, varve_inventory_free);
  g_clear_pointer (&builder->objects, g_array_unref);
  g_clear_pointer (&builder->files, g_array_unref);
  g_clear_pointer (&builder->directories, g_array_unref);
  g_array_unref (builder->last_files);
  g_hash_table_unref (builder->objects_by_checksum);
  g_free (builder);
}

/* The path of something in the open directory. */
static const char *
path_in_open_directory (VarveInventoryBuilder *builder, const char *name)
{
  if (builder->open_directory == VARVE_NO_INDEX)
    return "";
  const char *parent = g_array_index (builder->directories, VarveDirectory, builder->open_directory).path;
  g_autofree char *path = parent[0] == '\0' ? g_strdup (name) : g_strconcat (parent, "/", name, NULL);
  return g_string_chunk_insert (builder->inventory->strings, path);
}

void
varve_inventory_builder_enter (VarveInventoryBuilder *builder, const char *name, const VarveDirectory *directory)
{
  VarveDirectory entered = *directory;
  entered.path = path_in_open_directory (builder, name);
  entered.parent = builder->open_directory;
  entered.first_file = builder->files->len;
  entered.n_files = 0;
  entered.xattrs = directory->xattrs != NULL
                       ? varve_inventory_intern_xattrs (builder->inventory, g_bytes_get_data (directory->xattrs, NULL),
                                                        g_bytes_get_size (directory->xattrs))
                       : varve_inventory_intern_xattrs (builder->inventory, NULL, 0);
  g_array_append_val (builder->directories, entered);
  builder->open_directory = builder->directories->len - 1;
  g_hash_table_insert (builder->inventory->directories_by_path, (gpointer)entered.path,
                       GUINT_TO_POINTER (builder->directories->len));
}

static guint32
object_of (VarveInventoryBuilder *builder, const VarveDigest *checksum, guint32 file)
{
  gpointer known = g_hash_table_lookup (builder->objects_by_checksum, checksum);
  if (known != NULL)
    {
      guint32 object = GPOINTER_TO_UINT (known) - 1;
      guint32 *last = &g_array_index (builder->last_files, guint32, object);
      g_array_index (builder->files, VarveFile, *last).next_file = file;
      *last = file;
      return object;
    }
  VarveObject object = { .checksum = *checksum, .first_file = file };
  g_array_append_val (builder->objects, object);
  g_array_append_val (builder->last_files, file);
  g_hash_table_insert (builder->objects_by_checksum, g_memdup2 (checksum, sizeof *checksum),
                       GUINT_TO_POINTER (builder->objects->len));
  return builder->objects->len - 1;
}

void
varve_inventory_builder_add_file (VarveInventoryBuilder *builder, const char *name, const VarveDigest *checksum)
{
  g_return_if_fail (builder->open_directory != VARVE_NO_INDEX);
  guint32 index = builder->files->len;
  VarveFile file = {
    .path = path_in_open_directory (builder, name),
    .object = object_of (builder, checksum, index),
    .directory = builder->open_directory,
    .next_file = VARVE_NO_INDEX,
    .link_to = VARVE_NO_INDEX,
  };
  g_array_append_val (builder->files, file);
  g_array_index (builder->directories, VarveDirectory, builder->open_directory).n_files++;
  g_hash_table_insert (builder->inventory->files_by_path, (gpointer)file.path, GUINT_TO_POINTER (index + 1));
}

void
varve_inventory_builder_leave (VarveInventoryBuilder *builder)
{
  g_return_if_fail (builder->open_directory != VARVE_NO_INDEX);
  VarveDirectory *directory = &g_array_index (builder->directories, VarveDirectory, builder->open_directory);
  directory->end_directory = builder->directories->len;
  builder->open_directory = directory->parent;
}

VarveInventory *
varve_inventory_builder_finish (VarveInventoryBuilder *builder)
{
  g_return_val_if_fail (builder->open_directory == VARVE_NO_INDEX, NULL);
  VarveInventory *inventory = g_steal_pointer (&builder->inventory);
  inventory->n_objects = builder->objects->len;
  inventory->n_files = builder->files->len;
  inventory->n_directories = builder->directories->len;
  inventory->objects = (VarveObject *)(void *)g_array_free (g_steal_pointer (&builder->objects), FALSE);
  inventory->files = (VarveFile *)(void *)g_array_free (g_steal_pointer (&builder->files), FALSE);
  inventory->directories = (VarveDirectory *)(void *)g_array_free (g_steal_pointer (&builder->directories), FALSE);
  return inventory;
}
