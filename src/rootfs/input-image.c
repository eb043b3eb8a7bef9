/* SPDX-License-Identifier: Apache-2.0 */
/* An image of a commit gives its objects; any other image is applied layer by layer to a tree. */
#include "rootfs/input-image.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/source-date.h"
#include "model/image-keys.h"
#include "rootfs/prune.h"
#include "rootfs/spooled-contents.h"
#include "verify/image-rules.h"
#include "verify/import.h"
#include "verify/layer-apply.h"

enum { PIECE_BYTES = 1 << 18 };

typedef struct {
  VarveObjectStore *store;
  VarveExtentFile *spool;
} Sink;

static gboolean
copy_content (VarveExtentFile *spool, VarveTreeInode *inode, VarveHash *hash, GInputStream *content,
              GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  guint64 done = 0;
  gssize n;
  if (!varve_extent_file_reserve (spool, inode->size_bytes, &inode->place, error))
    return FALSE;
  while ((n = g_input_stream_read (content, piece, PIECE_BYTES, cancellable, error)) > 0)
    {
      if (!varve_extent_file_write (spool, inode->place + done, piece, (gsize)n, error))
        return FALSE;
      varve_hash_update (hash, piece, (gsize)n);
      done += (guint64)n;
    }
  return n == 0;
}

static gboolean
sink_content (gpointer data, const VarveLayerContent *content, GCancellable *cancellable, GError **error)
{
  const Sink *sink = data;
  const VarveContentHeader *header = content->header;
  if (varve_object_store_has_content (sink->store, &content->checksum))
    return TRUE;
  g_autoptr (VarveTreeInode) inode = varve_tree_inode_new (header->mode, header->uid, header->gid);
  g_bytes_unref (inode->xattrs);
  inode->xattrs = g_bytes_ref (header->xattrs);
  inode->symlink_target = g_strdup (header->symlink_target);
  inode->size_bytes = content->size_bytes;
  g_autoptr (VarveHash) hash = varve_hash_new ();
  varve_content_checksum_start (hash, header);
  if (content->stream != NULL && !copy_content (sink->spool, inode, hash, content->stream, cancellable, error))
    return FALSE;
  inode->checksum = varve_hash_finish (hash);
  if (varve_digest_compare (&inode->checksum, &content->checksum) == 0)
    {
      varve_object_store_add_content (sink->store, g_steal_pointer (&inode));
      return TRUE;
    }
  g_autofree char *hex = varve_digest_to_hex (&content->checksum), *found = varve_digest_to_hex (&inode->checksum);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "object %s.file: the content has the checksum %s", hex, found);
  return FALSE;
}

static gboolean
sink_metadata (gpointer data, VarveMetadataKind kind, const VarveDigest *checksum, GBytes *raw,
               GCancellable *cancellable, GError **error)
{
  varve_object_store_add_metadata (((const Sink *)data)->store, kind, checksum, raw);
  return TRUE;
}

static gboolean
read_commit (const VarveReadInputImage *read, VarveInputImage *input, GCancellable *cancellable, GError **error)
{
  input->store = varve_object_store_new (input->contents);
  Sink to = { .store = input->store, .spool = varve_spooled_contents_spool (input->contents) };
  VarveObjectSink sink = { .content = sink_content, .metadata = sink_metadata, .data = &to };
  g_autoptr (VarveLayerRecord) record
      = varve_import_objects (read->image, &sink, read->jobs, read->observer, cancellable, error);
  if (record == NULL)
    return FALSE;
  varve_object_store_add_metadata (input->store, VARVE_METADATA_COMMIT, &record->commit, record->commit_raw);
  if (record->commitmeta_raw != NULL)
    varve_object_store_add_metadata (input->store, VARVE_METADATA_COMMITMETA, &record->commit, record->commitmeta_raw);
  input->commit = record->commit;
  return TRUE;
}

static gboolean
read_layers (const VarveReadInputImage *read, VarveInputImage *input, GCancellable *cancellable, GError **error)
{
  const VarveImage *image = read->image;
  input->tree = varve_tree_new (input->contents);
  VarveLayerApply apply = {
    .tree = input->tree,
    .content = varve_spooled_contents_take,
    .data = input->contents,
    .skipped = read->skipped,
  };
  guint n_layers = image->manifest->layers->len;
  guint64 bytes = 0;
  for (guint i = 0; i < n_layers; i++)
    bytes += varve_manifest_layer (image->manifest, i)->size_bytes;
  varve_observer_begin (read->observer, "reading layers", bytes);
  for (guint i = 0; i < n_layers; i++)
    if (!varve_layer_apply (&apply, image, i, read->observer, cancellable, error))
      return FALSE;
  varve_prune_tree (input->tree, read->prune, read->skipped);
  return TRUE;
}

/* The number of layers on top of those of a commit; -1 for an image without a commit. */
static int
n_derived_layers (const VarveImage *image)
{
  VarveImageShape shape;
  if (varve_config_label (image->config, VARVE_LABEL_FINAL_DIFF_ID) == NULL
      || !varve_image_rules_check (image, NULL, &shape))
    return -1;
  return (int)(image->manifest->layers->len - shape.n_ostree_layers);
}

static void
input_image_clear (VarveInputImage *input)
{
  g_clear_pointer (&input->store, varve_object_store_free);
  g_clear_pointer (&input->tree, varve_tree_free);
  g_clear_pointer (&input->contents, varve_tree_contents_free);
}

gboolean
varve_input_image_read (const VarveReadInputImage *read, VarveInputImage *out_input, GCancellable *cancellable,
                        GError **error)
{
  VarveInputImage input = { .contents = varve_spooled_contents_new (error) };
  if (input.contents == NULL)
    return FALSE;
  int n_derived = n_derived_layers (read->image);
  if (n_derived > 0)
    varve_observer_warn (read->observer,
                         "the image has %d layer%s on top of its commit: the tree of all layers becomes a new commit",
                         n_derived, n_derived == 1 ? "" : "s");
  gboolean takes_commit = n_derived == 0 && !varve_prune_is_wanted (read->prune);
  gboolean done
      = takes_commit ? read_commit (read, &input, cancellable, error) : read_layers (read, &input, cancellable, error);
  if (done)
    *out_input = input;
  else
    input_image_clear (&input);
  return done;
}

gint64
varve_input_image_time (const VarveImage *image)
{
  if (image->config->created == NULL)
    return -1;
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (image->config->created, utc);
  gint64 time = date != NULL ? g_date_time_to_unix (date) : -1;
  return time >= 0 && time <= VARVE_TIMESTAMP_MAX ? time : -1;
}
