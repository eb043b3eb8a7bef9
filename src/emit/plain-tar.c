/* SPDX-License-Identifier: Apache-2.0 */
/* The same walk over the entries of a layer measures it, writes it and computes its key. */
#include "emit/plain-tar.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "emit/content-copy.h"
#include "emit/tar.h"
#include "model/whiteout.h"

/* An entry of a layer: a folder, a link, or an object with its content. */
typedef struct {
  const VarveTarEntry *tar;
  const VarveDirectory *directory; /* NULL for a path of an object */
  const VarveObject *object;       /* NULL if no content follows */
  const VarveFile *file;           /* of a regular file; NULL for a further hard link to it */
} Entry;

typedef gboolean (*EntryFunc) (gpointer data, const Entry *entry, GError **error);

typedef struct {
  const VarveInventory *inventory;
  guint8 *seen; /* a byte for each directory that is in the layer */
  EntryFunc func;
  gpointer data;
} Walk;

static gboolean
has_etc (const VarveInventory *inventory)
{
  return varve_inventory_find_directory (inventory, "etc") != VARVE_NO_INDEX
         || varve_inventory_find_file (inventory, "etc") != VARVE_NO_INDEX;
}

const char *
varve_plain_tar_path (const VarveInventory *inventory, const char *path)
{
  const char *shown = varve_ostree_tar_path (path);
  return shown != path && has_etc (inventory) ? path : shown;
}

char *
varve_plain_tar_commit_path (const VarveInventory *inventory, const char *path)
{
  return has_etc (inventory) ? g_strdup (path) : varve_ostree_tar_commit_path (path);
}

static Walk
walk_new (const VarveInventory *inventory, EntryFunc func, gpointer data)
{
  return (Walk){
    .inventory = inventory,
    .seen = g_malloc0 (inventory->n_directories),
    .func = func,
    .data = data,
  };
}

/* Also NULL for invalid attributes, which the walk over the commit excludes. */
static GBytes *
pax_of (GBytes *serialized)
{
  if (g_bytes_get_size (serialized) == 0)
    return NULL;
  g_autoptr (VarveXattrs) xattrs = varve_xattrs_parse (serialized, NULL);
  return xattrs != NULL ? varve_tar_pax_from_xattrs (xattrs) : NULL;
}

static gboolean
walk_directory (Walk *walk, guint32 index, GError **error)
{
  const VarveDirectory *directory = &walk->inventory->directories[index];
  if (walk->seen[index])
    return TRUE;
  if (directory->parent != VARVE_NO_INDEX && !walk_directory (walk, directory->parent, error))
    return FALSE;
  walk->seen[index] = 1;
  g_autofree char *name = g_strconcat (
      directory->parent != VARVE_NO_INDEX ? varve_plain_tar_path (walk->inventory, directory->path) : ".", "/", NULL);
  g_autoptr (GBytes) pax = pax_of (directory->xattrs);
  VarveTarEntry tar = {
    .type = VARVE_TAR_DIRECTORY,
    .name = name,
    .mode = directory->mode & 07777,
    .uid = directory->uid,
    .gid = directory->gid,
    .mtime = VARVE_FILE_TIME_NONE,
    .pax = pax,
  };
  Entry entry = { .tar = &tar, .directory = directory };
  return walk->func (walk->data, &entry, error);
}

static gboolean
walk_path (Walk *walk, const VarveObject *object, GBytes *pax, const VarveFile *file, GError **error)
{
  gboolean is_symlink = object->symlink_target != NULL, is_link = !is_symlink && file->link_to != VARVE_NO_INDEX;
  VarveTarType type = is_symlink ? VARVE_TAR_SYMLINK : VARVE_TAR_FILE;
  VarveTarEntry tar = {
    .type = is_link ? VARVE_TAR_HARD_LINK : type,
    .name = varve_plain_tar_path (walk->inventory, file->path),
    .link_name = is_link ? varve_plain_tar_path (walk->inventory, walk->inventory->files[file->link_to].path)
                         : object->symlink_target,
    .mode = object->mode & 07777,
    .uid = object->uid,
    .gid = object->gid,
    .size_bytes = is_link || is_symlink ? 0 : object->size_bytes,
    .mtime = is_symlink ? VARVE_FILE_TIME_NONE : (guint64)MAX (file->time, 0),
    .pax = is_link ? NULL : pax,
  };
  Entry entry = { .tar = &tar, .object = is_link ? NULL : object, .file = is_link || is_symlink ? NULL : file };
  return walk_directory (walk, file->directory, error) && walk->func (walk->data, &entry, error);
}

static gboolean
walk_object (Walk *walk, const VarveObject *object, GError **error)
{
  g_autoptr (GBytes) pax = pax_of (object->xattrs);
  for (guint32 i = object->first_file; i != VARVE_NO_INDEX; i = walk->inventory->files[i].next_file)
    if (!walk_path (walk, object, pax, &walk->inventory->files[i], error))
      return FALSE;
  return TRUE;
}

/* The root is in every layer. */
static gboolean
walk_files (Walk *walk, const guint32 *objects, guint32 n_objects, GError **error)
{
  if (!walk_directory (walk, 0, error))
    return FALSE;
  for (guint32 i = 0; i < n_objects; i++)
    if (!walk_object (walk, &walk->inventory->objects[objects[i]], error))
      return FALSE;
  return TRUE;
}

static gboolean
add_bytes (gpointer data, const Entry *entry, GError **error)
{
  *(guint64 *)data += varve_tar_entry_bytes (entry->tar);
  return TRUE;
}

guint64
varve_plain_tar_files_bytes (const VarveInventory *inventory, const guint32 *objects, guint32 n_objects)
{
  guint64 bytes = 2 * VARVE_TAR_BLOCK_BYTES;
  Walk walk = walk_new (inventory, add_bytes, &bytes);
  gboolean walked = walk_files (&walk, objects, n_objects, NULL);
  g_free (walk.seen);
  g_assert (walked);
  return bytes;
}

typedef struct {
  const VarveOstreeTar *tar;
  VarveContentCopy *copy;
  VarveSink *sink;
} Writer;

static gboolean
write_entry (gpointer data, const Entry *entry, GError **error)
{
  Writer *writer = data;
  if (g_cancellable_set_error_if_cancelled (writer->tar->cancellable, error))
    return FALSE;
  if (varve_tar_write_entry (writer->sink, entry->tar, error)
      && (entry->object == NULL || varve_content_copy_write (writer->copy, entry->object, writer->sink, error)))
    return TRUE;
  g_autofree char *escaped = varve_escape (entry->tar->name);
  g_prefix_error (error, "'/%s': ", escaped);
  return FALSE;
}

gboolean
varve_plain_tar_write_files (const VarveOstreeTar *tar, const guint32 *objects, guint32 n_objects, VarveSink *sink,
                             GError **error)
{
  g_autoptr (VarveContentCopy) copy = varve_content_copy_new (tar->source, tar->cancellable);
  Writer writer = { .tar = tar, .copy = copy, .sink = sink };
  Walk walk = walk_new (tar->inventory, write_entry, &writer);
  gboolean written = walk_directory (&walk, 0, error);
  for (guint32 i = 0; i < n_objects && written; i++)
    {
      if (tar->at_object != NULL)
        tar->at_object (tar->at_object_data, i);
      written = walk_object (&walk, &tar->inventory->objects[objects[i]], error);
    }
  g_free (walk.seen);
  return written && varve_tar_write_end (sink, error);
}

gboolean
varve_plain_tar_write_folders (const VarveOstreeTar *tar, VarveSink *sink, GError **error)
{
  Writer writer = { .tar = tar, .sink = sink };
  Walk walk = walk_new (tar->inventory, write_entry, &writer);
  gboolean written = TRUE;
  for (guint32 i = 0; i < tar->inventory->n_directories && written; i++)
    written = walk_directory (&walk, i, error);
  g_free (walk.seen);
  return written && varve_tar_write_end (sink, error);
}

typedef struct {
  VarveHash *hash;
  VarvePlainKeyTimes times;
} KeyFeed;

/* No name is empty, so an empty string marks a time. */
static void
feed_time (VarveHash *hash, gint64 time)
{
  guint64 number = GUINT64_TO_BE ((guint64)time);
  varve_hash_update (hash, "", 1);
  varve_hash_update (hash, &number, sizeof number);
}

static gboolean
feed_entry (gpointer data, const Entry *entry, GError **error)
{
  const KeyFeed *feed = data;
  VarveHash *hash = feed->hash;
  const char *link = entry->tar->type == VARVE_TAR_HARD_LINK ? entry->tar->link_name : "";
  varve_hash_update (hash, entry->tar->name, strlen (entry->tar->name) + 1);
  varve_hash_update (hash, link, strlen (link) + 1);
  if (entry->directory != NULL)
    varve_hash_update (hash, entry->directory->dirmeta.bytes, sizeof entry->directory->dirmeta.bytes);
  if (entry->object != NULL)
    varve_hash_update (hash, entry->object->checksum.bytes, sizeof entry->object->checksum.bytes);
  if (entry->file != NULL && entry->file->is_time_bound && feed->times == VARVE_PLAIN_KEY_BOUND_TIMES)
    feed_time (hash, entry->file->time);
  return TRUE;
}

void
varve_plain_tar_feed_folders_key (VarveHash *hash, const VarveInventory *inventory, const guint8 *has)
{
  KeyFeed feed = { .hash = hash };
  Walk walk = walk_new (inventory, feed_entry, &feed);
  gboolean walked = TRUE;
  for (guint32 i = 0; i < inventory->n_directories && walked; i++)
    walked = (has != NULL && has[i] == 0) || walk_directory (&walk, i, NULL);
  g_free (walk.seen);
  g_assert (walked);
}

void
varve_plain_tar_feed_key (VarveHash *hash, VarvePlainKeyTimes times, const VarveInventory *inventory,
                          const guint32 *objects, guint32 n_objects)
{
  KeyFeed feed = { .hash = hash, .times = times };
  Walk walk = walk_new (inventory, feed_entry, &feed);
  gboolean walked = walk_files (&walk, objects, n_objects, NULL);
  g_free (walk.seen);
  g_assert (walked);
}

static gboolean
check_name (const char *path, GError **error)
{
  if (varve_whiteout_parse (path, NULL) == VARVE_WHITEOUT_NONE)
    return TRUE;
  g_autofree char *escaped = varve_escape (path);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "'/%s': a whiteout's name, by which layers remove files: an ordinary image cannot contain it", escaped);
  return FALSE;
}

/* A PAX record's key ends at its first "=", so the rest of the name would become part of the value. */
static gboolean
check_xattr_names (const char *path, GBytes *serialized, GError **error)
{
  gsize size_bytes;
  const void *data = g_bytes_get_data (serialized, &size_bytes);
  if (size_bytes == 0 || memchr (data, '=', size_bytes) == NULL)
    return TRUE;
  g_autoptr (VarveXattrs) xattrs = varve_xattrs_parse (serialized, error);
  for (guint i = 0; xattrs != NULL && i < xattrs->n; i++)
    if (strchr (xattrs->list[i].name, '=') != NULL)
      {
        g_autofree char *name = varve_escape (xattrs->list[i].name), *escaped = varve_escape (path);
        g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
                     "'/%s': attribute '%s': an ordinary image cannot contain an attribute with '=' in its name",
                     escaped, name);
        return FALSE;
      }
  return xattrs != NULL;
}

gboolean
varve_plain_tar_check (const VarveInventory *inventory, GError **error)
{
  for (guint32 i = 0; i < inventory->n_directories; i++)
    if (!check_name (inventory->directories[i].path, error)
        || !check_xattr_names (inventory->directories[i].path, inventory->directories[i].xattrs, error))
      return FALSE;
  for (guint32 i = 0; i < inventory->n_files; i++)
    if (!check_name (inventory->files[i].path, error)
        || !check_xattr_names (inventory->files[i].path, inventory->objects[inventory->files[i].object].xattrs, error))
      return FALSE;
  return TRUE;
}
