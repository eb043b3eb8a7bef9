/* SPDX-License-Identifier: Apache-2.0 */
/* A blob is written once, into the layout; a layer rebuilt from a delta is stored there as its tar. */
#include "host/prefetch-store.h"

#include "base/error.h"
#include "base/parallel.h"
#include "base/temporary-folder.h"
#include "host/prefetch-check.h"
#include "host/prefetch-rebuild.h"
#include "model/image-keys.h"
#include "oci/layout.h"
#include "verify/read-layers.h"

typedef struct {
  const VarveImage *image;
  const VarvePrefetchOptions *options;
  const VarveImageStore *store;
  VarveObserver *observer;
  VarveLayout *layout;
  VarvePrefetch *result;
  GArray *wanted;          /* guint: layers to get */
  VarveManifest *manifest; /* of the layout's image */
} Filling;

static VarvePrefetchLayer *
result_layer (const Filling *self, guint index)
{
  return &g_array_index (self->result->layers, VarvePrefetchLayer, index);
}

static gboolean
find_wanted (const Filling *self, GError **error)
{
  varve_observer_begin (self->observer, "looking for layers", 0);
  for (guint i = 0; i < self->result->layers->len; i++)
    {
      VarvePrefetchLayer *layer = result_layer (self, i);
      gboolean has;
      if (!self->store->has_layer (self->store->data, &layer->digest, &layer->diff_id, &has, error))
        {
          g_prefix_error (error, "%s: ", self->store->name);
          return FALSE;
        }
      layer->state = has ? VARVE_PREFETCH_PRESENT : VARVE_PREFETCH_FETCHED;
      if (!has)
        g_array_append_val (self->wanted, i);
    }
  return TRUE;
}

typedef struct {
  const Filling *filling;
  VarveTempfile *file;
  GCancellable *cancellable;
} Writing;

static gboolean
write_piece (const void *data, gsize size_bytes, gpointer user_data, GError **error)
{
  Writing *writing = user_data;
  varve_observer_advance (writing->filling->observer, size_bytes);
  return varve_tempfile_write (writing->file, data, size_bytes, error)
         && varve_rate_limit_wait (writing->filling->options->limit, size_bytes, writing->cancellable, error);
}

static gboolean
fetch_layer (const Filling *self, guint index, GCancellable *cancellable, GError **error)
{
  const VarveDescriptor *layer = varve_manifest_layer (self->image->manifest, index);
  if (varve_layout_has_blob (self->layout, &layer->digest, layer->size_bytes))
    return TRUE;
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (self->layout), error);
  Writing writing = { .filling = self, .file = file, .cancellable = cancellable };
  if (file != NULL && varve_blobs_stream (self->image->blobs, layer, write_piece, &writing, cancellable, error)
      && varve_layout_publish_blob (self->layout, file, &layer->digest, layer->size_bytes, error))
    return TRUE;
  g_autofree char *place = varve_layer_place (self->image, index);
  g_prefix_error (error, "%s: ", place);
  return FALSE;
}

/* Writes the tar as a blob. *@out_size_bytes is its size. */
static gboolean
write_tar (const Filling *self, GInputStream *tar, const VarveDigest *diff_id, guint64 *out_size_bytes,
           GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (self->layout), error);
  g_autoptr (VarveHash) hash = varve_hash_new ();
  guint8 buffer[1 << 15];
  gssize n = 0;
  *out_size_bytes = 0;
  while (file != NULL && (n = g_input_stream_read (tar, buffer, sizeof buffer, cancellable, error)) > 0)
    {
      varve_hash_update (hash, buffer, (gsize)n);
      *out_size_bytes += (guint64)n;
      if (!varve_tempfile_write (file, buffer, (gsize)n, error))
        return FALSE;
    }
  if (file == NULL || n < 0)
    return FALSE;
  VarveDigest digest = varve_hash_finish (hash);
  if (varve_digest_compare (&digest, diff_id) == 0)
    return varve_layout_publish_blob (self->layout, file, diff_id, *out_size_bytes, error);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the rebuilt tar has another diff ID");
  return FALSE;
}

static gboolean
take_tar (gpointer data, guint index, const VarvePrefetchStreams *streams, GCancellable *cancellable, GError **error)
{
  const Filling *self = data;
  const VarveDigest *diff_id = &result_layer (self, index)->diff_id;
  guint64 size_bytes;
  if (!write_tar (self, streams->tar, diff_id, &size_bytes, cancellable, error))
    return FALSE;
  g_ptr_array_index (self->manifest->layers, index)
      = varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER, diff_id, size_bytes);
  return TRUE;
}

static gboolean
get_layer (gsize position, gpointer data, GCancellable *cancellable, GError **error)
{
  Filling *self = data;
  guint index = g_array_index (self->wanted, guint, position);
  VarvePrefetchRebuild rebuild = {
    .image = self->image,
    .tars = self->store->finds_by_diff_id ? self->options->tars : NULL,
    .observer = self->observer,
    .result = self->result,
  };
  return varve_prefetch_rebuild (&rebuild, index, take_tar, self, cancellable)
         || fetch_layer (self, index, cancellable, error);
}

/* composefs-rs opens the blob of each layer, also of those that it has and does not read. This one cannot be read as a
 * layer, in case the layer is gone by then. */
static gboolean
add_placeholder (const Filling *self, VarveDescriptor **out_descriptor, GError **error)
{
  static const char TEXT[] = "varve: this layer is in the storage already\n";
  g_autoptr (GBytes) bytes = g_bytes_new_static (TEXT, sizeof TEXT - 1);
  VarveDigest digest;
  if (!varve_layout_add_blob (self->layout, bytes, &digest, error))
    return FALSE;
  *out_descriptor = varve_descriptor_new (VARVE_MEDIA_TYPE_LAYER, &digest, sizeof TEXT - 1);
  return TRUE;
}

/* Those that were not rebuilt. */
static gboolean
describe_layers (const Filling *self, GError **error)
{
  g_autoptr (VarveDescriptor) placeholder = NULL;
  if (self->store->finds_by_diff_id && !add_placeholder (self, &placeholder, error))
    return FALSE;
  for (guint i = 0; i < self->manifest->layers->len; i++)
    {
      gboolean is_present = result_layer (self, i)->state == VARVE_PREFETCH_PRESENT;
      const VarveDescriptor *described
          = is_present && placeholder != NULL ? placeholder : varve_manifest_layer (self->image->manifest, i);
      if (g_ptr_array_index (self->manifest->layers, i) == NULL)
        g_ptr_array_index (self->manifest->layers, i) = varve_descriptor_copy (described);
    }
  return TRUE;
}

static gboolean
get_layers (Filling *self, GCancellable *cancellable, GError **error)
{
  guint64 bytes = varve_prefetch_bytes (self->result, VARVE_PREFETCH_FETCHED);
  if (bytes > 0)
    varve_observer_begin (self->observer, "prefetching layers", bytes);
  if (self->options->tars != NULL && !self->store->finds_by_diff_id && self->wanted->len > 0)
    varve_observer_warn (self->observer,
                         "%s finds layers by their blobs only: the delta is not used, all layers are fetched",
                         self->store->name);
  g_ptr_array_set_size (self->manifest->layers, (gint)self->result->layers->len);
  if (!varve_parallel_for (self->options->jobs, self->wanted->len, get_layer, self, cancellable, error))
    return FALSE;
  return describe_layers (self, error);
}

static gboolean
add_config (const Filling *self, GError **error)
{
  g_autoptr (VarveConfig) config = varve_config_new (self->image->config->architecture);
  g_autofree char *digest = varve_digest_to_string (&self->image->descriptor->digest);
  for (guint i = 0; i < self->result->layers->len; i++)
    varve_config_add_layer (config, &result_layer (self, i)->diff_id, NULL, NULL);
  varve_config_set_label (config, VARVE_LABEL_PREFETCH, digest);
  g_autoptr (GBytes) bytes = varve_config_to_bytes (config);
  VarveDigest stored;
  if (!varve_layout_add_blob (self->layout, bytes, &stored, error))
    return FALSE;
  self->manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_CONFIG, &stored, g_bytes_get_size (bytes));
  return TRUE;
}

static gboolean
publish_image (const Filling *self, GError **error)
{
  if (!add_config (self, error))
    return FALSE;
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (self->manifest);
  VarveDigest digest;
  if (!varve_layout_add_blob (self->layout, bytes, &digest, error))
    return FALSE;
  g_autoptr (VarveDescriptor) descriptor
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, g_bytes_get_size (bytes));
  return varve_layout_publish (self->layout, descriptor, VARVE_IMAGE_STORE_REF, error);
}

static gboolean
fill_and_take (Filling *self, GCancellable *cancellable, GError **error)
{
  if (!find_wanted (self, error) || !get_layers (self, cancellable, error) || !publish_image (self, error))
    return FALSE;
  varve_observer_begin (self->observer, "storing layers", 0);
  if (self->store->take (self->store->data, varve_layout_path (self->layout), cancellable, error))
    return TRUE;
  g_prefix_error (error, "%s: ", self->store->name);
  return FALSE;
}

static void
free_layer (gpointer descriptor)
{
  if (descriptor != NULL)
    varve_descriptor_free (descriptor);
}

static gboolean
check_remote (const VarvePrefetchOptions *options, const VarveImageStore *store, GError **error)
{
  if (options->remote == NULL)
    return TRUE;
  g_autofree char *remote = varve_escape (options->remote);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "%s: signatures of commits, such as those of remote '%s', can only be checked where layers go into an "
               "OSTree repository",
               store->name, remote);
  return FALSE;
}

VarvePrefetch *
varve_prefetch_into_store (const VarveImage *image, const VarvePrefetchOptions *options, const VarveImageStore *store,
                           VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  guint n_ostree_layers;
  if (!check_remote (options, store, error) || !varve_prefetch_check_image (image, NULL, &n_ostree_layers, error))
    return NULL;
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (NULL, error);
  g_autofree char *path
      = folder != NULL ? g_build_filename (varve_temporary_folder_path (folder), "layout", NULL) : NULL;
  g_autoptr (VarveLayout) layout = path != NULL ? varve_layout_open (path, observer, cancellable, error) : NULL;
  if (layout == NULL)
    return NULL;
  g_autoptr (VarvePrefetch) result = varve_prefetch_new (image);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  g_ptr_array_set_free_func (manifest->layers, free_layer);
  Filling filling = {
    .image = image,
    .options = options,
    .store = store,
    .observer = observer,
    .layout = layout,
    .result = result,
    .wanted = wanted,
    .manifest = manifest,
  };
  return fill_and_take (&filling, cancellable, error) ? g_steal_pointer (&result) : NULL;
}
