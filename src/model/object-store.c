/* SPDX-License-Identifier: Apache-2.0 */
#include "model/object-store.h"

#include "base/error.h"

enum { N_KINDS = VARVE_METADATA_DIRMETA + 1 };

struct _VarveObjectStore {
  VarveSource source; /* first: a VarveSource is cast back */
  VarveTreeContents *contents;
  GMutex mutex;
  GHashTable *metadata[N_KINDS]; /* VarveDigest -> GBytes */
  GHashTable *inodes;            /* VarveDigest, its own -> VarveTreeInode */
  GPtrArray *owned;              /* VarveTreeInode without a path */
};

static const VarveTreeInode *
find_inode (VarveSource *source, const VarveDigest *checksum, GError **error)
{
  VarveObjectStore *store = (VarveObjectStore *)source;
  g_mutex_lock (&store->mutex);
  const VarveTreeInode *inode = g_hash_table_lookup (store->inodes, checksum);
  g_mutex_unlock (&store->mutex);
  if (inode != NULL)
    return inode;
  g_autofree char *hex = varve_digest_to_hex (checksum);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "object %s.file: not found", hex);
  return NULL;
}

static GInputStream *
open_content (VarveSource *source, const VarveDigest *checksum, GCancellable *cancellable, GError **error)
{
  VarveTreeContents *contents = ((VarveObjectStore *)source)->contents;
  const VarveTreeInode *inode = find_inode (source, checksum, error);
  return inode != NULL ? contents->open (contents, inode, error) : NULL;
}

static int
open_content_fd (VarveSource *source, const VarveDigest *checksum, GError **error)
{
  VarveTreeContents *contents = ((VarveObjectStore *)source)->contents;
  if (contents->open_fd == NULL)
    return -1;
  const VarveTreeInode *inode = find_inode (source, checksum, error);
  return inode != NULL ? contents->open_fd (contents, inode, error) : -1;
}

static GBytes *
load_metadata (VarveSource *source, VarveMetadataKind kind, const VarveDigest *checksum, GError **error)
{
  VarveObjectStore *store = (VarveObjectStore *)source;
  g_mutex_lock (&store->mutex);
  GBytes *raw = g_hash_table_lookup (store->metadata[kind], checksum);
  g_mutex_unlock (&store->mutex);
  if (raw != NULL)
    return g_bytes_ref (raw);
  g_autofree char *hex = varve_digest_to_hex (checksum);
  if (kind != VARVE_METADATA_COMMITMETA)
    g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "metadata object %s: not found", hex);
  return NULL;
}

static gboolean
load_header (VarveSource *source, VarveObject *object, GBytes **out_xattrs, char **out_target,
             GCancellable *cancellable, GError **error)
{
  const VarveTreeInode *inode = find_inode (source, &object->checksum, error);
  if (inode == NULL)
    return FALSE;
  object->uid = inode->uid;
  object->gid = inode->gid;
  object->mode = inode->mode;
  object->size_bytes = inode->size_bytes;
  *out_xattrs = g_bytes_ref (inode->xattrs);
  *out_target = g_strdup (inode->symlink_target);
  return TRUE;
}

VarveObjectStore *
varve_object_store_new (VarveTreeContents *contents)
{
  VarveObjectStore *store = g_new0 (VarveObjectStore, 1);
  store->source = (VarveSource){
    .open_content = open_content,
    .open_content_fd = open_content_fd,
    .load_metadata = load_metadata,
    .load_header = load_header,
  };
  store->contents = contents;
  g_mutex_init (&store->mutex);
  for (guint i = 0; i < N_KINDS; i++)
    store->metadata[i] = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free,
                                                (GDestroyNotify)g_bytes_unref);
  store->inodes = g_hash_table_new (varve_digest_table_hash, varve_digest_table_equal);
  store->owned = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_tree_inode_free);
  return store;
}

void
varve_object_store_free (VarveObjectStore *store)
{
  g_hash_table_unref (store->inodes);
  g_ptr_array_unref (store->owned);
  for (guint i = 0; i < N_KINDS; i++)
    g_hash_table_unref (store->metadata[i]);
  g_mutex_clear (&store->mutex);
  g_free (store);
}

VarveSource *
varve_object_store_source (VarveObjectStore *store)
{
  return &store->source;
}

void
varve_object_store_add_metadata (VarveObjectStore *store, VarveMetadataKind kind, const VarveDigest *checksum,
                                 GBytes *raw)
{
  g_mutex_lock (&store->mutex);
  if (kind == VARVE_METADATA_COMMITMETA || !g_hash_table_contains (store->metadata[kind], checksum))
    g_hash_table_insert (store->metadata[kind], g_memdup2 (checksum, sizeof *checksum), g_bytes_ref (raw));
  g_mutex_unlock (&store->mutex);
}

void
varve_object_store_add_content (VarveObjectStore *store, VarveTreeInode *inode)
{
  g_mutex_lock (&store->mutex);
  if (inode->n_paths == 0)
    g_ptr_array_add (store->owned, inode);
  if (!g_hash_table_contains (store->inodes, &inode->checksum))
    g_hash_table_insert (store->inodes, &inode->checksum, inode);
  g_mutex_unlock (&store->mutex);
}

gboolean
varve_object_store_has_content (VarveObjectStore *store, const VarveDigest *checksum)
{
  g_mutex_lock (&store->mutex);
  gboolean has = g_hash_table_contains (store->inodes, checksum);
  g_mutex_unlock (&store->mutex);
  return has;
}
