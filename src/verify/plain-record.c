/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/plain-record.h"

#include <string.h>
#include <sys/stat.h>

#include "base/fasthash.h"
#include "emit/plain-tar.h"
#include "model/content-checksum.h"
#include "model/xattrs.h"

enum { PIECE_BYTES = 1 << 17, STRING_CHUNK_BYTES = 1 << 16 };

void
varve_plain_tree_init (VarvePlainTree *tree, const VarveInventory *inventory)
{
  tree->inventory = inventory;
  tree->files = g_hash_table_new (varve_fasthash_string, g_str_equal);
  tree->directories = g_hash_table_new (varve_fasthash_string, g_str_equal);
  for (guint32 i = 0; i < inventory->n_files; i++)
    g_hash_table_insert (tree->files, (gpointer)varve_plain_tar_path (inventory, inventory->files[i].path),
                         GUINT_TO_POINTER (i + 1));
  for (guint32 i = 0; i < inventory->n_directories; i++)
    g_hash_table_insert (tree->directories, (gpointer)varve_plain_tar_path (inventory, inventory->directories[i].path),
                         GUINT_TO_POINTER (i + 1));
}

void
varve_plain_tree_clear (VarvePlainTree *tree)
{
  g_clear_pointer (&tree->files, g_hash_table_unref);
  g_clear_pointer (&tree->directories, g_hash_table_unref);
}

/* 0 - 1 is VARVE_NO_INDEX. */
guint32
varve_plain_tree_find_file (const VarvePlainTree *tree, const char *path)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (tree->files, path)) - 1;
}

guint32
varve_plain_tree_find_directory (const VarvePlainTree *tree, const char *path)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (tree->directories, path)) - 1;
}

static GBytes *
portable (const VarveXattr *list, guint n)
{
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, sizeof (VarveXattr));
  for (guint i = 0; i < n; i++)
    if (varve_xattr_is_portable (list[i].name) && list[i].size_bytes > 0)
      g_array_append_val (kept, list[i]);
  return varve_xattrs_serialize ((const VarveXattr *)(void *)kept->data, kept->len);
}

GBytes *
varve_plain_xattrs (GBytes *serialized)
{
  g_autoptr (VarveXattrs) xattrs = g_bytes_get_size (serialized) > 0 ? varve_xattrs_parse (serialized, NULL) : NULL;
  return xattrs != NULL ? portable (xattrs->list, xattrs->n) : g_bytes_ref (serialized);
}

gboolean
varve_plain_tree_has_directory (const VarvePlainTree *tree, guint32 index, const VarvePlainEntry *entry)
{
  const VarveDirectory *expected = &tree->inventory->directories[index];
  g_autoptr (GBytes) xattrs = varve_plain_xattrs (expected->xattrs);
  return entry->entry.mode == (expected->mode & 07777) && entry->entry.uid == expected->uid
         && entry->entry.gid == expected->gid && g_bytes_equal (xattrs, entry->xattrs);
}

gboolean
varve_plain_entry_has_time (const VarvePlainEntry *entry, const VarveFile *file)
{
  return !file->is_time_bound || entry->entry.mtime == file->time;
}

VarvePlainRecord *
varve_plain_record_new (const VarvePlainTree *tree)
{
  VarvePlainRecord *record = g_new0 (VarvePlainRecord, 1);
  record->entries = g_array_new (FALSE, FALSE, sizeof (VarvePlainEntry));
  record->tree = tree;
  record->strings = g_string_chunk_new (STRING_CHUNK_BYTES);
  record->xattrs = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_xattrs_free);
  return record;
}

void
varve_plain_record_free (VarvePlainRecord *record)
{
  for (guint i = 0; i < record->entries->len; i++)
    g_bytes_unref (g_array_index (record->entries, VarvePlainEntry, i).xattrs);
  g_array_unref (record->entries);
  g_string_chunk_free (record->strings);
  g_ptr_array_unref (record->xattrs);
  g_free (record);
}

/* Everything but the content. */
static gboolean
is_like_object (const VarvePlainEntry *entry, const VarveObject *object)
{
  const VarveForeignEntry *found = &entry->entry;
  gboolean is_symlink = found->type == VARVE_FOREIGN_SYMLINK;
  if (is_symlink != (object->symlink_target != NULL) || found->uid != object->uid || found->gid != object->gid)
    return FALSE;
  if (is_symlink ? strcmp (found->link_name, object->symlink_target) != 0
                 : found->mode != (object->mode & 07777) || found->size_bytes != object->size_bytes)
    return FALSE;
  g_autoptr (GBytes) xattrs = varve_plain_xattrs (object->xattrs);
  return g_bytes_equal (xattrs, entry->xattrs);
}

static VarveContentHeader
header_of (const VarvePlainRecord *record, const VarvePlainEntry *entry)
{
  guint32 file = varve_plain_tree_find_file (record->tree, entry->path);
  const VarveInventory *inventory = record->tree->inventory;
  const VarveObject *object = file != VARVE_NO_INDEX ? &inventory->objects[inventory->files[file].object] : NULL;
  gboolean is_symlink = entry->entry.type == VARVE_FOREIGN_SYMLINK;
  if (object != NULL && is_like_object (entry, object))
    return (VarveContentHeader){
      .uid = object->uid,
      .gid = object->gid,
      .mode = object->mode,
      .symlink_target = object->symlink_target,
      .xattrs = object->xattrs,
    };
  return (VarveContentHeader){
    .uid = entry->entry.uid,
    .gid = entry->entry.gid,
    .mode = is_symlink ? S_IFLNK | 0777 : S_IFREG | entry->entry.mode,
    .symlink_target = is_symlink ? entry->entry.link_name : NULL,
    .xattrs = entry->xattrs,
  };
}

static gboolean
hash_content (const VarvePlainRecord *record, VarvePlainEntry *entry, VarveForeignTar *tar, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (VarveHash) hash = varve_hash_new ();
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  VarveContentHeader header = header_of (record, entry);
  gssize n = 0;
  varve_content_checksum_start (hash, &header);
  while (entry->entry.type == VARVE_FOREIGN_FILE && (n = varve_foreign_tar_read (tar, piece, PIECE_BYTES, error)) > 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      varve_hash_update (hash, piece, (gsize)n);
    }
  entry->checksum = varve_hash_finish (hash);
  return n == 0;
}

/* Gives the entry strings and attributes that last as long as the record. */
static gboolean
keep_entry (VarvePlainRecord *record, VarvePlainEntry *entry, GError **error)
{
  g_autoptr (VarveXattrs) xattrs = varve_xattrs_parse (entry->xattrs, error);
  if (xattrs == NULL)
    return FALSE;
  entry->entry.name = g_string_chunk_insert (record->strings, entry->entry.name);
  if (entry->entry.link_name != NULL)
    entry->entry.link_name = g_string_chunk_insert (record->strings, entry->entry.link_name);
  entry->path = g_string_chunk_insert (record->strings, entry->path);
  entry->entry.xattrs = xattrs->list;
  entry->entry.n_xattrs = xattrs->n;
  if (xattrs->n > 0)
    g_ptr_array_add (record->xattrs, g_steal_pointer (&xattrs));
  return TRUE;
}

gboolean
varve_plain_record_add (VarvePlainRecord *record, const char *path, const VarveForeignEntry *entry,
                        VarveForeignTar *tar, GCancellable *cancellable, GError **error)
{
  gboolean has_object = entry->type == VARVE_FOREIGN_FILE || entry->type == VARVE_FOREIGN_SYMLINK;
  g_autoptr (GBytes) xattrs = portable (entry->xattrs, entry->n_xattrs);
  VarvePlainEntry kept = { .path = path, .entry = *entry, .xattrs = xattrs };
  if (!keep_entry (record, &kept, error) || (has_object && !hash_content (record, &kept, tar, cancellable, error)))
    return FALSE;
  g_bytes_ref (xattrs);
  g_array_append_val (record->entries, kept);
  return TRUE;
}
