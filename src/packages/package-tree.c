/* SPDX-License-Identifier: Apache-2.0 */
/* Most listed paths are in the tree exactly as listed, so the inventory's table is asked first. For the others the
 * folder is resolved once and remembered. */
#include "packages/package-tree.h"

#include <string.h>

#include "base/error.h"
#include "base/fasthash.h"

enum { PATH_MAX_BYTES = 4096, WARNINGS_MAX = 100 };

/* The value in the table of a folder outside of the tree. */
static char outside[] = "";

static void
folder_free (gpointer folder)
{
  if (folder != outside)
    g_free (folder);
}

VarvePackageTree *
varve_package_tree_new (const VarveInventory *inventory, VarveSource *source, VarveObserver *observer,
                        GCancellable *cancellable)
{
  VarvePackageTree *tree = g_new0 (VarvePackageTree, 1);
  *tree = (VarvePackageTree){
    .inventory = inventory,
    .source = source,
    .observer = observer,
    .cancellable = cancellable,
    .folders = g_hash_table_new_full (varve_fasthash_string, g_str_equal, g_free, folder_free),
    .canonical = g_string_new (NULL),
  };
  return tree;
}

void
varve_package_tree_free (VarvePackageTree *tree)
{
  g_hash_table_unref (tree->folders);
  g_string_free (tree->canonical, TRUE);
  g_free (tree);
}

/* With "/." at the end a symlink before it is followed too. */
static char *
tree_follow (VarvePackageTree *tree, const char *path)
{
  g_autofree char *inside = g_strconcat (path, "/.", NULL);
  return varve_inventory_resolve (tree->inventory, inside);
}

guint32
varve_package_tree_find_file (VarvePackageTree *tree, const char *path)
{
  g_autofree char *followed = tree_follow (tree, path);
  guint32 file = followed != NULL ? varve_inventory_find_file (tree->inventory, followed) : VARVE_NO_INDEX;
  if (file == VARVE_NO_INDEX)
    return VARVE_NO_INDEX;
  return tree->inventory->objects[tree->inventory->files[file].object].symlink_target == NULL ? file : VARVE_NO_INDEX;
}

guint32
varve_package_tree_find_directory (VarvePackageTree *tree, const char *path)
{
  g_autofree char *followed = tree_follow (tree, path);
  return followed != NULL ? varve_inventory_find_directory (tree->inventory, followed) : VARVE_NO_INDEX;
}

guint32
varve_package_tree_find_file_in (VarvePackageTree *tree, guint32 directory, const char *name)
{
  g_autofree char *path = g_strconcat (tree->inventory->directories[directory].path, "/", name, NULL);
  return varve_package_tree_find_file (tree, path);
}

guint32
varve_package_tree_find_directory_in (VarvePackageTree *tree, guint32 directory, const char *name)
{
  g_autofree char *path = g_strconcat (tree->inventory->directories[directory].path, "/", name, NULL);
  return varve_package_tree_find_directory (tree, path);
}

/* The canonical folder of @length bytes at @path, or NULL. */
static const char *
canonical_folder (VarvePackageTree *tree, const char *path, gsize length)
{
  g_autofree char *folder = g_strndup (path, length);
  const char *known = g_hash_table_lookup (tree->folders, folder);
  if (known == NULL)
    {
      char *followed = tree_follow (tree, folder);
      known = followed != NULL ? followed : outside;
      g_hash_table_insert (tree->folders, g_steal_pointer (&folder), (gpointer)known);
    }
  return known != outside ? known : NULL;
}

const char *
varve_package_tree_canonical (VarvePackageTree *tree, const char *path)
{
  path += strspn (path, "/");
  gsize length = strnlen (path, PATH_MAX_BYTES + 1);
  if (length == 0 || length > PATH_MAX_BYTES)
    return NULL;
  if (varve_inventory_find_file (tree->inventory, path) != VARVE_NO_INDEX)
    {
      g_string_assign (tree->canonical, path);
      return tree->canonical->str;
    }
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  if (name[0] == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return NULL;
  const char *folder = slash != NULL ? canonical_folder (tree, path, (gsize)(slash - path)) : "";
  if (folder == NULL)
    return NULL;
  g_string_printf (tree->canonical, "%s%s%s", folder, folder[0] != '\0' ? "/" : "", name);
  return tree->canonical->str;
}

guint32
varve_package_tree_find_listed (VarvePackageTree *tree, const char *path)
{
  const char *canonical = varve_package_tree_canonical (tree, path);
  return canonical != NULL ? varve_inventory_find_file (tree->inventory, canonical) : VARVE_NO_INDEX;
}

/* All content of @stream; any other size than @size_bytes is CORRUPT. */
static GBytes *
stream_read (GInputStream *stream, gsize size_bytes, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *data = g_malloc (size_bytes + 1);
  gsize got_bytes;
  if (!g_input_stream_read_all (stream, data, size_bytes + 1, &got_bytes, cancellable, error))
    return NULL;
  if (got_bytes != size_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s than the %" G_GSIZE_FORMAT " bytes in the commit",
                   got_bytes > size_bytes ? "longer" : "shorter", size_bytes);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&data), size_bytes);
}

GBytes *
varve_package_tree_read (const VarvePackageTree *tree, guint32 file, gsize max_bytes, GError **error)
{
  const VarveObject *object = &tree->inventory->objects[tree->inventory->files[file].object];
  g_autofree char *path = varve_escape (tree->inventory->files[file].path);
  if (object->size_bytes > max_bytes)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_LIMIT,
                   "'%s': %" G_GUINT64_FORMAT " bytes, the limit is %" G_GSIZE_FORMAT, path, object->size_bytes,
                   max_bytes);
      return NULL;
    }
  g_autoptr (GInputStream) stream
      = tree->source->open_content (tree->source, &object->checksum, tree->cancellable, error);
  g_autoptr (GBytes) bytes
      = stream != NULL ? stream_read (stream, (gsize)object->size_bytes, tree->cancellable, error) : NULL;
  if (bytes == NULL)
    g_prefix_error (error, "'%s': ", path);
  return g_steal_pointer (&bytes);
}

void
varve_package_tree_warn (VarvePackageTree *tree, const char *format, ...)
{
  if (tree->n_warnings++ >= WARNINGS_MAX)
    {
      if (tree->n_warnings == WARNINGS_MAX + 1)
        varve_observer_warn (tree->observer, "package databases: more than %d warnings, the others are not shown",
                             WARNINGS_MAX);
      return;
    }
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  varve_observer_warn (tree->observer, "%s", message);
}
