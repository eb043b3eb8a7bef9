/* SPDX-License-Identifier: Apache-2.0 */
/* From a tree to the objects of a commit: labels, checksums in parallel, then dirtrees bottom up. */
#include "ostree/tree-commit.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/parallel.h"
#include "model/content-checksum.h"
#include "model/xattrs.h"

enum { PIECE_BYTES = 1 << 18 };

typedef struct {
  VarveTreeInode *inode;
  char *path; /* its first path */
} Content;

typedef struct {
  const VarveTreeCommit *self;
  VarveObserver *observer;
  GCancellable *cancellable;
  GArray *contents;     /* Content */
  GHashTable *seen;     /* VarveTreeInode with several paths */
  GHashTable *labelled; /* label -> GBytes, xattrs of only that label */
  guint64 total_bytes;
} Work;

static void
content_clear (gpointer data)
{
  g_free (((Content *)data)->path);
}

static GBytes *
with_label (GBytes *xattrs, const char *label, GError **error)
{
  g_autoptr (VarveXattrs) parsed = varve_xattrs_parse (xattrs, error);
  if (parsed == NULL)
    return NULL;
  g_autofree VarveXattr *list = g_new (VarveXattr, parsed->n + 1);
  for (guint i = 0; i < parsed->n; i++)
    list[i] = parsed->list[i];
  list[parsed->n]
      = (VarveXattr){ .name = "security.selinux", .value = (const guint8 *)label, .size_bytes = strlen (label) + 1 };
  return varve_xattrs_serialize (list, parsed->n + 1);
}

static gboolean
label_inode (Work *work, const char *path, VarveTreeInode *inode, GError **error)
{
  g_autofree char *label = NULL;
  if (!varve_sepolicy_label (work->self->policy, path, inode->mode, &label, work->cancellable, error))
    return FALSE;
  if (label == NULL)
    return TRUE;
  gboolean is_plain = g_bytes_get_size (inode->xattrs) == 0;
  GBytes *known = is_plain ? g_hash_table_lookup (work->labelled, label) : NULL;
  g_autoptr (GBytes) xattrs = known != NULL ? g_bytes_ref (known) : with_label (inode->xattrs, label, error);
  if (xattrs == NULL)
    return FALSE;
  if (is_plain && known == NULL)
    g_hash_table_insert (work->labelled, g_strdup (label), g_bytes_ref (xattrs));
  g_bytes_unref (inode->xattrs);
  inode->xattrs = g_steal_pointer (&xattrs);
  return TRUE;
}

/* Each inode once, by its first path, which also determines its label. */
static gboolean
list_content (gpointer data, const char *path, VarveTreeNode *node, GError **error)
{
  Work *work = data;
  VarveTreeInode *inode = node->inode;
  if (inode->n_paths > 1 && !g_hash_table_add (work->seen, inode))
    return TRUE;
  if (work->self->policy != NULL && !label_inode (work, path, inode, error))
    return FALSE;
  if (S_ISDIR (inode->mode))
    return TRUE;
  Content content = { .inode = inode, .path = g_strdup (path) };
  g_array_append_val (work->contents, content);
  work->total_bytes += inode->size_bytes;
  return TRUE;
}

static gboolean
hash_stream (Work *work, VarveHash *hash, const VarveTreeInode *inode, GError **error)
{
  VarveTreeContents *contents = work->self->tree->contents;
  g_autoptr (GInputStream) stream = contents->open (contents, inode, error);
  if (stream == NULL)
    return FALSE;
  g_autofree guint8 *piece = g_malloc (MIN (inode->size_bytes + 1, PIECE_BYTES));
  guint64 read_bytes = 0;
  gssize n;
  while ((n = g_input_stream_read (stream, piece, MIN (inode->size_bytes + 1, PIECE_BYTES), NULL, error)) > 0)
    {
      varve_hash_update (hash, piece, (gsize)n);
      varve_observer_advance (work->observer, (guint64)n);
      read_bytes += (guint64)n;
      if (read_bytes > inode->size_bytes || g_cancellable_set_error_if_cancelled (work->cancellable, error))
        break;
    }
  if (n < 0 || (error != NULL && *error != NULL))
    return FALSE;
  if (read_bytes == inode->size_bytes)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "changed while it was read: expected %" G_GUINT64_FORMAT " bytes", inode->size_bytes);
  return FALSE;
}

static gboolean
hash_content (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  const Content *content = &g_array_index (work->contents, Content, index);
  VarveTreeInode *inode = content->inode;
  VarveContentHeader header = varve_tree_inode_header (inode);
  g_autoptr (VarveHash) hash = varve_hash_new ();
  GError *failure = NULL;
  varve_content_checksum_start (hash, &header);
  if (!S_ISLNK (inode->mode) && inode->size_bytes > 0 && !hash_stream (work, hash, inode, &failure))
    {
      g_autofree char *escaped = varve_escape (content->path);
      g_propagate_prefixed_error (error, failure, "'/%s': ", escaped);
      return FALSE;
    }
  inode->checksum = varve_hash_finish (hash);
  varve_object_store_add_content (work->self->store, inode);
  return TRUE;
}

static VarveDigest
add_metadata (const Work *work, VarveMetadataKind kind, GVariant *floating)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (floating);
  g_autoptr (GBytes) raw = g_variant_get_data_as_bytes (variant);
  VarveDigest checksum = varve_digest_of (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  varve_object_store_add_metadata (work->self->store, kind, &checksum, raw);
  return checksum;
}

static GVariant *
checksum_variant (const VarveDigest *checksum)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, checksum->bytes, sizeof checksum->bytes, 1);
}

static VarveDigest
write_dirmeta (const Work *work, const VarveTreeInode *inode)
{
  GVariant *xattrs = g_variant_new_from_bytes (G_VARIANT_TYPE ("a(ayay)"), inode->xattrs, FALSE);
  return add_metadata (work, VARVE_METADATA_DIRMETA,
                       g_variant_new ("(uuu@a(ayay))", GUINT32_TO_BE (inode->uid), GUINT32_TO_BE (inode->gid),
                                      GUINT32_TO_BE (inode->mode), xattrs));
}

static VarveDigest
write_dirtree (const Work *work, const VarveTreeNode *node)
{
  g_auto (GVariantBuilder) files = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(say)"));
  g_auto (GVariantBuilder) directories = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sayay)"));
  for (GTreeNode *next = g_tree_node_first (node->children); next != NULL; next = g_tree_node_next (next))
    {
      const char *name = g_tree_node_key (next);
      const VarveTreeNode *child = g_tree_node_value (next);
      if (child->children == NULL)
        {
          g_variant_builder_add (&files, "(s@ay)", name, checksum_variant (&child->inode->checksum));
          continue;
        }
      VarveDigest dirtree = write_dirtree (work, child), dirmeta = write_dirmeta (work, child->inode);
      g_variant_builder_add (&directories, "(s@ay@ay)", name, checksum_variant (&dirtree), checksum_variant (&dirmeta));
    }
  return add_metadata (work, VARVE_METADATA_DIRTREE, g_variant_new ("(a(say)a(sayay))", &files, &directories));
}

gboolean
varve_tree_commit_objects (const VarveTreeCommit *self, VarveObserver *observer, VarveDigest *out_dirtree,
                           VarveDigest *out_dirmeta, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) contents = g_array_new (FALSE, FALSE, sizeof (Content));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) labelled
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  Work work = {
    .self = self,
    .observer = observer,
    .cancellable = cancellable,
    .contents = contents,
    .seen = seen,
    .labelled = labelled,
  };
  g_array_set_clear_func (contents, content_clear);
  if (!varve_tree_visit (self->tree, list_content, &work, error))
    return FALSE;
  varve_observer_begin (observer, "reading files", work.total_bytes);
  if (!varve_parallel_for (self->jobs, contents->len, hash_content, &work, cancellable, error))
    return FALSE;
  *out_dirtree = write_dirtree (&work, self->tree->root);
  *out_dirmeta = write_dirmeta (&work, self->tree->root->inode);
  return TRUE;
}

VarveDigest
varve_tree_commit_write (VarveObjectStore *store, const VarveCommitFacts *facts)
{
  VarveTreeCommit self = { .store = store };
  Work work = { .self = &self };
  GVariant *no_parent = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NULL, 0, 1);
  return add_metadata (&work, VARVE_METADATA_COMMIT,
                       g_variant_new ("(@a{sv}@ay@a(say)sst@ay@ay)", facts->metadata, no_parent,
                                      g_variant_new_array (G_VARIANT_TYPE ("(say)"), NULL, 0), "", "",
                                      GUINT64_TO_BE (facts->timestamp), checksum_variant (&facts->dirtree),
                                      checksum_variant (&facts->dirmeta)));
}
