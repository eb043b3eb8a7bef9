/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/plain-entries.h"

#include <string.h>

#include "base/fasthash.h"
#include "emit/plain-tar.h"
#include "verify/plain-read.h"

/* Which file of the layer is at a path of the tree: index + 1 of the entry with its content. */
typedef struct {
  const VarvePlainTree *tree;
  const VarvePlainRecord *record;
  GHashTable *by_path;    /* path -> index + 1 of its entry */
  guint32 *content_of;    /* of each entry: index + 1 of the one with its content; 0: in another layer */
  guint32 *inode_of;      /* of each file of the tree; 0: another file, or none */
  GHashTable *candidates; /* set of objects + 1 of which the layer has a path */
  VarveLayerEntries *entries;
} Matching;

static const VarvePlainEntry *
entry_at (const Matching *self, guint index)
{
  return &g_array_index (self->record->entries, VarvePlainEntry, index);
}

/* A hard link has the content of what it links to, which comes before it. */
static guint32
find_content (const Matching *self, guint index)
{
  const VarvePlainEntry *entry = entry_at (self, index);
  if (entry->entry.type != VARVE_FOREIGN_HARD_LINK)
    return index + 1;
  g_autofree char *target = varve_tar_clean_name (entry->entry.link_name);
  guint32 found = target != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (self->by_path, target)) : 0;
  if (found == 0 || found > index)
    return 0;
  return entry_at (self, found - 1)->entry.type == VARVE_FOREIGN_DIRECTORY ? 0 : self->content_of[found - 1];
}

static char *
commit_path (const Matching *self, const VarvePlainEntry *entry)
{
  return varve_plain_tar_commit_path (self->tree->inventory, entry->path);
}

/* FALSE if a layer with it cannot be kept. */
static gboolean
take_directory (Matching *self, const VarvePlainEntry *entry)
{
  guint32 index = varve_plain_tree_find_directory (self->tree, entry->path);
  if (index != VARVE_NO_INDEX)
    return varve_plain_tree_has_directory (self->tree, index, entry);
  if (varve_plain_tree_find_file (self->tree, entry->path) != VARVE_NO_INDEX)
    return FALSE;
  GPtrArray *paths = g_ptr_array_new ();
  g_autofree char *path = commit_path (self, entry);
  g_ptr_array_add (paths, g_strconcat (path, "/", NULL));
  g_ptr_array_add (self->entries->stale, varve_stale_object_new (paths, 0, 0));
  return TRUE;
}

static gboolean
take_file (Matching *self, guint index)
{
  const VarveInventory *inventory = self->tree->inventory;
  guint32 inode = self->content_of[index];
  guint32 file = varve_plain_tree_find_file (self->tree, entry_at (self, index)->path);
  if (inode == 0 || file == VARVE_NO_INDEX)
    return inode != 0;
  guint32 object = inventory->files[file].object;
  const VarvePlainEntry *content = entry_at (self, inode - 1);
  if (varve_digest_compare (&content->checksum, &inventory->objects[object].checksum) != 0
      || !varve_plain_entry_has_time (content, &inventory->files[file]))
    return TRUE;
  self->inode_of[file] = inode;
  g_hash_table_add (self->candidates, GUINT_TO_POINTER (object + 1));
  return TRUE;
}

/* Readers such as composefs-rs make no folder that has no entry. The tree's folders are in the first layer. */
static gboolean
has_folder (const Matching *self, const char *path)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *folder = g_strndup (path, slash != NULL ? (gsize)(slash - path) : 0);
  if (slash == NULL || varve_plain_tree_find_directory (self->tree, folder) != VARVE_NO_INDEX)
    return TRUE;
  guint32 found = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_path, folder));
  return found != 0 && entry_at (self, found - 1)->entry.type == VARVE_FOREIGN_DIRECTORY;
}

static gboolean
take_entries (Matching *self)
{
  for (guint i = 0; i < self->record->entries->len; i++)
    {
      const VarvePlainEntry *entry = entry_at (self, i);
      if (entry->entry.type == VARVE_FOREIGN_SPECIAL || g_hash_table_contains (self->by_path, entry->path)
          || !has_folder (self, entry->path))
        return FALSE;
      g_hash_table_insert (self->by_path, (gpointer)entry->path, GUINT_TO_POINTER (i + 1));
      self->content_of[i] = find_content (self, i);
      if (!(entry->entry.type == VARVE_FOREIGN_DIRECTORY ? take_directory (self, entry) : take_file (self, i)))
        return FALSE;
    }
  return TRUE;
}

/* Whether the layer has all paths of an object, and the same ones are hard links of each other. */
static gboolean
has_object (const Matching *self, guint32 object)
{
  const VarveInventory *inventory = self->tree->inventory;
  g_autoptr (GHashTable) inodes = g_hash_table_new (NULL, NULL);
  for (guint32 i = inventory->objects[object].first_file; i != VARVE_NO_INDEX; i = inventory->files[i].next_file)
    {
      guint32 link_to = inventory->files[i].link_to, inode = self->inode_of[i];
      if (inode == 0 || (link_to != VARVE_NO_INDEX && self->inode_of[link_to] != inode))
        return FALSE;
      if (link_to == VARVE_NO_INDEX && !g_hash_table_add (inodes, GUINT_TO_POINTER (inode)))
        return FALSE;
    }
  return TRUE;
}

static void
find_objects (Matching *self)
{
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, self->candidates);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      guint32 object = GPOINTER_TO_UINT (key) - 1;
      if (has_object (self, object))
        g_array_append_val (self->entries->objects, object);
      else
        g_hash_table_iter_remove (&iter);
    }
  varve_layer_entries_sort (self->entries);
}

static gboolean
is_of_object (const Matching *self, const VarvePlainEntry *entry)
{
  guint32 file = varve_plain_tree_find_file (self->tree, entry->path);
  if (file == VARVE_NO_INDEX)
    return FALSE;
  return g_hash_table_contains (self->candidates, GUINT_TO_POINTER (self->tree->inventory->files[file].object + 1));
}

static void
find_stale (Matching *self)
{
  guint n = self->record->entries->len;
  g_autofree GPtrArray **paths = g_new0 (GPtrArray *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      const VarvePlainEntry *entry = entry_at (self, i);
      if (entry->entry.type == VARVE_FOREIGN_DIRECTORY || is_of_object (self, entry))
        continue;
      guint32 inode = self->content_of[i];
      if (paths[inode] == NULL)
        paths[inode] = g_ptr_array_new ();
      g_ptr_array_add (paths[inode], commit_path (self, entry));
    }
  for (guint i = 1; i <= n; i++)
    {
      if (paths[i] == NULL)
        continue;
      const VarvePlainEntry *file = entry_at (self, i - 1);
      guint64 size_bytes = is_of_object (self, file) ? 0 : file->entry.size_bytes;
      g_ptr_array_add (self->entries->stale,
                       varve_stale_object_new (paths[i], size_bytes, varve_stale_object_mark (&file->checksum)));
    }
}

VarveLayerEntries *
varve_plain_entries (const VarvePlainRecord *record, const VarvePlainTree *tree)
{
  Matching self = {
    .tree = tree,
    .record = record,
    .by_path = g_hash_table_new (varve_fasthash_string, g_str_equal),
    .content_of = g_new0 (guint32, record->entries->len + 1),
    .inode_of = g_new0 (guint32, tree->inventory->n_files + 1),
    .candidates = g_hash_table_new (NULL, NULL),
    .entries = varve_layer_entries_new (),
  };
  if (take_entries (&self))
    {
      find_objects (&self);
      find_stale (&self);
    }
  else
    g_clear_pointer (&self.entries, varve_layer_entries_free);
  g_hash_table_unref (self.by_path);
  g_hash_table_unref (self.candidates);
  g_free (self.content_of);
  g_free (self.inode_of);
  return self.entries;
}

gboolean
varve_plain_entries_read (const VarveImage *image, guint index, const VarvePlainTree *tree,
                          VarveLayerEntries **out_entries, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveComposefsTar) composefs = varve_composefs_tar_new ();
  g_autoptr (VarvePlainRecord) record = varve_plain_read (image, index, tree, composefs, cancellable, error);
  if (record == NULL)
    return FALSE;
  *out_entries = varve_composefs_tar_fault (composefs) == NULL ? varve_plain_entries (record, tree) : NULL;
  return TRUE;
}
