/* SPDX-License-Identifier: Apache-2.0 */
/* Prepares a layout with a single entry, so that skopeo needs neither the path nor the ref name of the source. */
#include "transport/push-source.h"

#include <errno.h>
#include <unistd.h>

#include "base/error.h"
#include "base/temporary-folder.h"
#include "oci/image.h"
#include "oci/layout.h"
#include "oci/reachable-blobs.h"
#include "transport/copy-blobs.h"
#include "transport/entry-blobs.h"
#include "transport/open-image.h"

void
varve_push_source_free (VarvePushSource *self)
{
  g_clear_pointer (&self->blobs, varve_blobs_free);
  g_clear_pointer (&self->scratch, varve_temporary_folder_free);
  g_clear_pointer (&self->descriptor, varve_descriptor_free);
  g_clear_pointer (&self->layers, g_hash_table_unref);
  g_free (self->path);
  g_free (self->blobs_path);
  g_free (self);
}

/* A layout whose "blobs" is a symlink to that of the source. */
static gboolean
push_source_link_layout (VarvePushSource *self, const VarveReference *source, VarveBlobs *one, GError **error)
{
  g_autoptr (GBytes) index = varve_blobs_load_index (one, error);
  g_autofree char *file = g_build_filename (self->path, VARVE_LAYOUT_FILE, NULL);
  g_autofree char *index_file = g_build_filename (self->path, VARVE_LAYOUT_INDEX, NULL);
  g_autofree char *link = g_build_filename (self->path, "blobs", NULL);
  g_autofree char *layout = g_canonicalize_filename (source->path, NULL);
  g_autofree char *blobs = g_build_filename (layout, "blobs", NULL);
  self->blobs_path = g_build_filename (blobs, "sha256", NULL);
  if (index == NULL || !g_file_set_contents (file, VARVE_LAYOUT_CONTENT, -1, error)
      || !g_file_set_contents (index_file, g_bytes_get_data (index, NULL), (gssize)g_bytes_get_size (index), error))
    return FALSE;
  return symlink (blobs, link) == 0 || varve_set_errno (error, errno, "creating a symlink");
}

static gboolean
push_source_unpack_archive (VarvePushSource *self, VarveBlobs *one, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) reached = varve_reachable_blobs (one, error);
  g_autoptr (VarveLayout) layout = reached != NULL ? varve_layout_open (self->path, NULL, cancellable, error) : NULL;
  if (layout == NULL)
    return FALSE;
  self->blobs_path = g_build_filename (self->path, "blobs", "sha256", NULL);
  VarveCopyBlobs copy = { .source = one, .target = layout, .kind = VARVE_COPY_THIN, .jobs = 1 };
  return varve_copy_blobs (&copy, reached, cancellable, error)
         && varve_layout_publish (layout, self->descriptor, NULL, error);
}

static gboolean
push_source_add_layers (VarvePushSource *self, const VarveDescriptor *descriptor, GError **error)
{
  g_autoptr (GBytes) bytes = varve_blobs_load (self->blobs, descriptor, VARVE_DOCUMENT_MAX_BYTES, error);
  g_autoptr (VarveManifest) manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, error) : NULL;
  if (manifest == NULL)
    return FALSE;
  for (guint i = 0; i < manifest->layers->len; i++)
    {
      const VarveDescriptor *layer = varve_manifest_layer (manifest, i);
      g_hash_table_insert (self->layers, g_memdup2 (&layer->digest, sizeof layer->digest),
                           g_memdup2 (&layer->size_bytes, sizeof layer->size_bytes));
    }
  return TRUE;
}

static gboolean
push_source_add_all_layers (VarvePushSource *self, GError **error)
{
  self->layers = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, g_free);
  if (!varve_image_is_index (self->descriptor))
    return push_source_add_layers (self, self->descriptor, error);
  g_autoptr (GBytes) bytes = varve_blobs_load (self->blobs, self->descriptor, VARVE_DOCUMENT_MAX_BYTES, error);
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  for (guint i = 0; index != NULL && i < index->manifests->len; i++)
    if (!push_source_add_layers (self, varve_index_entry (index, i), error))
      return FALSE;
  return index != NULL;
}

static gboolean
push_source_prepare (VarvePushSource *self, const VarveReference *source, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveBlobs) all = varve_open_layout (source, error);
  g_autoptr (GBytes) bytes = all != NULL ? varve_blobs_load_index (all, error) : NULL;
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  const VarveDescriptor *entry = index != NULL ? varve_image_select (index, source->ref, error) : NULL;
  if (entry == NULL)
    return FALSE;
  self->descriptor = varve_descriptor_copy (entry);
  if (self->descriptor->annotations != NULL)
    g_tree_remove (self->descriptor->annotations, VARVE_ANNOTATION_REF_NAME);
  g_autoptr (VarveBlobs) one = varve_entry_blobs_new (all, self->descriptor, error);
  self->scratch = one != NULL ? varve_temporary_folder_new (NULL, error) : NULL;
  if (self->scratch == NULL)
    return FALSE;
  self->path = g_build_filename (varve_temporary_folder_path (self->scratch), "layout", NULL);
  if (g_mkdir_with_parents (self->path, 0700) != 0)
    return varve_set_errno (error, errno, "creating '%s'", self->path);
  gboolean prepared = source->transport == VARVE_TRANSPORT_OCI
                          ? push_source_link_layout (self, source, one, error)
                          : push_source_unpack_archive (self, one, cancellable, error);
  self->blobs = prepared ? varve_layout_read (self->path, error) : NULL;
  return self->blobs != NULL && push_source_add_all_layers (self, error);
}

VarvePushSource *
varve_push_source_new (const VarveReference *source, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarvePushSource) self = g_new0 (VarvePushSource, 1);
  if (push_source_prepare (self, source, cancellable, error))
    return g_steal_pointer (&self);
  g_autofree char *escaped = varve_escape (source->text);
  g_prefix_error (error, "'%s': ", escaped);
  return NULL;
}
