/* SPDX-License-Identifier: Apache-2.0 */
/* From rebuilt tars to the blobs and the manifest of the target. */
#include "delta/apply.h"

#include "base/error.h"
#include "base/parallel.h"
#include "delta/rebuild.h"
#include "delta/recompress.h"
#include "emit/layer.h"
#include "transport/target.h"

typedef struct {
  const VarveDelta *delta;
  const VarveDeltaBase *base;
  const VarveRebuilt *rebuilt;
  VarveTarget *target;
  VarveApplyResult *result;
  GPtrArray *layers; /* VarveDescriptor of each layer in the new manifest */
  VarveObserver *observer;
} Applying;

const char *
varve_apply_state_to_string (VarveApplyState state)
{
  static const char *const NAMES[] = { "identical", "equivalent", "carried", "reused", "absent" };
  return NAMES[state];
}

void
varve_apply_result_free (VarveApplyResult *result)
{
  g_array_unref (result->layers);
  g_free (result);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveApplyResult, varve_apply_result_free)

/* Makes the layer's descriptor name another blob. */
static void
replace_blob (Applying *work, guint layer, const VarveDescriptor *blob)
{
  VarveDescriptor *descriptor = work->layers->pdata[layer];
  g_free (descriptor->media_type);
  descriptor->media_type = g_strdup (blob->media_type);
  if (varve_digest_compare (&descriptor->digest, &blob->digest) != 0)
    varve_chunked_index_copy (descriptor, blob);
  descriptor->digest = blob->digest;
  descriptor->size_bytes = blob->size_bytes;
}

static VarveCompressOptions
compression_for (const VarveDeltaEntry *entry, const VarveDescriptor *layer)
{
  VarveCompressOptions options = VARVE_COMPRESS_OPTIONS_INIT;
  if (varve_recompress_parse (varve_descriptor_annotation (entry->descriptor, VARVE_DELTA_COMPRESSION), layer,
                              &options))
    return options;
  (void)varve_compression_of_layer (layer, &options.compression);
  options.level = varve_compression_level_default (options.compression);
  return options;
}

/* Compresses a tar whose diff ID was checked. */
static gboolean
compress_layer (Applying *work, guint layer, GError **error)
{
  const VarveRebuiltLayer *rebuilt = &g_array_index (work->rebuilt->layers, VarveRebuiltLayer, layer);
  const VarveDescriptor *expected = varve_manifest_layer (work->delta->target, layer);
  VarveLayout *layout = varve_target_layout (work->target);
  VarveCompressOptions options = compression_for (rebuilt->entry, expected);
  g_autoptr (VarveLayerWriter) writer = varve_layer_writer_new (&options, rebuilt->tar.size_bytes,
                                                                varve_layout_blobs_fd (layout), work->observer, error);
  g_autoptr (VarveTempfile) file = NULL;
  VarveLayerResult written;
  if (writer == NULL
      || !varve_extent_file_pour (work->rebuilt->spool, rebuilt->tar, varve_layer_writer_sink (writer), error)
      || !varve_layer_writer_finish (writer, &written, &file, error)
      || !varve_layout_publish_blob (layout, file, &written.digest, written.size_bytes, error))
    return FALSE;
  gboolean is_same = varve_digest_compare (&written.digest, &expected->digest) == 0;
  g_autoptr (VarveDescriptor) descriptor = varve_layer_result_describe (&written, options.compression);
  VarveCompression expected_compression;
  if (varve_compression_of_layer (expected, &expected_compression))
    {
      g_free (descriptor->media_type); /* perhaps Docker's */
      descriptor->media_type = g_strdup (expected->media_type);
    }
  if (!is_same)
    replace_blob (work, layer, descriptor);
  g_array_index (work->result->layers, VarveApplyLayer, layer).state
      = is_same ? VARVE_APPLY_IDENTICAL : VARVE_APPLY_EQUIVALENT;
  return TRUE;
}

static gboolean
copy_blob_piece (const void *data, gsize size_bytes, gpointer user_data, GError **error)
{
  return varve_tempfile_write (user_data, data, size_bytes, error);
}

static gboolean
copy_blob (Applying *work, VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable,
           GError **error)
{
  VarveLayout *layout = varve_target_layout (work->target);
  if (varve_layout_has_blob (layout, &descriptor->digest, descriptor->size_bytes))
    return TRUE;
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (layout), error);
  return file != NULL && varve_blobs_stream (blobs, descriptor, copy_blob_piece, file, cancellable, error)
         && varve_layout_publish_blob (layout, file, &descriptor->digest, descriptor->size_bytes, error);
}

/* The layer of the old image with this diff ID, or NULL. */
static const VarveDescriptor *
find_old_layer (const Applying *work, guint layer)
{
  const VarveImage *image = work->base->image;
  for (guint i = 0; image != NULL && i < image->config->diff_ids->len; i++)
    if (varve_digest_compare (varve_config_diff_id (image->config, i),
                              varve_config_diff_id (work->delta->config, layer))
        == 0)
      return varve_manifest_layer (image->manifest, i);
  return NULL;
}

static void
set_layer_missing (const Applying *work, guint layer, GError **error)
{
  g_autofree char *diff_id = varve_digest_to_string (varve_config_diff_id (work->delta->config, layer));
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "neither the delta nor the old image has this layer (diff ID %s)", diff_id);
}

static gboolean
take_old_layer (Applying *work, guint layer, GCancellable *cancellable, GError **error)
{
  VarveApplyLayer *result = &g_array_index (work->result->layers, VarveApplyLayer, layer);
  const VarveDescriptor *old = find_old_layer (work, layer);
  result->state = VARVE_APPLY_ABSENT;
  if (old == NULL && work->base->image == NULL
      && g_hash_table_contains (work->delta->reused, varve_config_diff_id (work->delta->config, layer)))
    return TRUE;
  if (old == NULL)
    {
      set_layer_missing (work, layer, error);
      return FALSE;
    }
  result->state = VARVE_APPLY_REUSED;
  replace_blob (work, layer, old);
  return copy_blob (work, work->base->image->blobs, old, cancellable, error);
}

static gboolean
apply_layer (gsize index, gpointer data, GCancellable *cancellable, GError **error)
{
  Applying *work = data;
  guint layer = (guint)index;
  const VarveRebuiltLayer *rebuilt = &g_array_index (work->rebuilt->layers, VarveRebuiltLayer, layer);
  VarveApplyLayer *result = &g_array_index (work->result->layers, VarveApplyLayer, layer);
  gboolean done;
  result->kind = rebuilt->kind;
  if (rebuilt->entry == NULL)
    done = take_old_layer (work, layer, cancellable, error);
  else if (rebuilt->kind == VARVE_DELTA_ENTRY_LAYER)
    {
      const VarveDescriptor *carried = rebuilt->entry->descriptor;
      result->state = VARVE_APPLY_CARRIED;
      replace_blob (work, layer, carried);
      done = copy_blob (work, work->delta->blobs, carried, cancellable, error);
    }
  else
    done = compress_layer (work, layer, error);
  if (!done)
    g_prefix_error (error, "layer %u: ", layer);
  const VarveDescriptor *now = work->layers->pdata[layer];
  result->digest = now->digest;
  result->size_bytes = now->size_bytes;
  return done;
}

/* The target's manifest where every layer has the same digest, else one with other layer descriptors only. */
static GBytes *
apply_manifest (Applying *work, GError **error)
{
  work->result->is_identical = TRUE;
  for (guint i = 0; i < work->layers->len; i++)
    {
      const VarveDescriptor *before = varve_manifest_layer (work->delta->target, i), *now = work->layers->pdata[i];
      work->result->is_identical &= varve_digest_compare (&before->digest, &now->digest) == 0;
    }
  if (work->result->is_identical)
    return g_bytes_ref (work->delta->target_bytes);
  g_autoptr (VarveManifest) manifest = varve_manifest_from_bytes (work->delta->target_bytes, error);
  if (manifest == NULL)
    return NULL;
  g_ptr_array_set_size (manifest->layers, 0);
  for (guint i = 0; i < work->layers->len; i++)
    g_ptr_array_add (manifest->layers, varve_descriptor_copy (work->layers->pdata[i]));
  return varve_manifest_to_bytes (manifest);
}

static gboolean
apply_publish (Applying *work, GCancellable *cancellable, GError **error)
{
  VarveLayout *layout = varve_target_layout (work->target);
  VarveDigest config_digest;
  g_autoptr (GBytes) manifest = apply_manifest (work, error);
  if (manifest == NULL || !varve_layout_add_blob (layout, work->delta->config_bytes, &config_digest, error)
      || !varve_layout_add_blob (layout, manifest, &work->result->digest, error))
    return FALSE;
  g_autoptr (VarveDescriptor) descriptor
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &work->result->digest, g_bytes_get_size (manifest));
  descriptor->architecture = g_strdup (work->delta->config->architecture);
  descriptor->os = g_strdup (work->delta->config->os);
  VarveArchiveKind kind = work->base->image != NULL ? VARVE_ARCHIVE_WHOLE : VARVE_ARCHIVE_THIN;
  return varve_target_publish (work->target, descriptor, kind, cancellable, error);
}

/* Before anything is written: every layer is rebuilt, in the old image, or known to the host. */
static gboolean
check_all_known (const Applying *work, GError **error)
{
  for (guint i = 0; i < work->rebuilt->layers->len; i++)
    {
      const VarveDigest *diff_id = varve_config_diff_id (work->delta->config, i);
      gboolean is_known = g_array_index (work->rebuilt->layers, VarveRebuiltLayer, i).entry != NULL
                          || find_old_layer (work, i) != NULL
                          || (work->base->image == NULL && g_hash_table_contains (work->delta->reused, diff_id));
      if (is_known)
        continue;
      set_layer_missing (work, i, error);
      g_prefix_error (error, "layer %u: ", i);
      return FALSE;
    }
  return TRUE;
}

static VarveApplyResult *
result_new (const VarveRebuilt *rebuilt)
{
  VarveApplyResult *result = g_new0 (VarveApplyResult, 1);
  result->layers = g_array_new (FALSE, TRUE, sizeof (VarveApplyLayer));
  g_array_set_size (result->layers, rebuilt->layers->len);
  for (guint i = 0; i < rebuilt->layers->len; i++)
    {
      const VarveDeltaEntry *entry = g_array_index (rebuilt->layers, VarveRebuiltLayer, i).entry;
      result->download_bytes += entry != NULL ? entry->descriptor->size_bytes : 0;
    }
  return result;
}

static guint64
raw_bytes (const VarveRebuilt *rebuilt)
{
  guint64 total = 0;
  for (guint i = 0; i < rebuilt->layers->len; i++)
    total += g_array_index (rebuilt->layers, VarveRebuiltLayer, i).tar.size_bytes;
  return total;
}

VarveApplyResult *
varve_delta_apply (const VarveDelta *delta, const VarveDeltaBase *base, const VarveReference *target,
                   const VarveApplyOptions *options, GCancellable *cancellable, GError **error)
{
  VarveObserver *observer = options->observer;
  VarveOpenBaseOptions open_options = { .jobs = options->jobs, .work_path = options->work_path, .observer = observer };
  g_autoptr (VarveOpenBase) open = varve_delta_base_open (delta, base, &open_options, cancellable, error);
  g_autoptr (VarveRebuilt) rebuilt
      = open != NULL ? varve_rebuild (delta, open->tree, options, cancellable, error) : NULL;
  if (rebuilt == NULL)
    return NULL;
  g_autoptr (VarveApplyResult) result = result_new (rebuilt);
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_descriptor_free);
  for (guint i = 0; i < rebuilt->layers->len; i++)
    g_ptr_array_add (layers, varve_descriptor_copy (varve_manifest_layer (delta->target, i)));
  Applying work
      = { .delta = delta, .base = base, .rebuilt = rebuilt, .result = result, .layers = layers, .observer = observer };
  if (!check_all_known (&work, error))
    return NULL;
  g_autoptr (VarveTarget) opened = varve_target_open (target, observer, cancellable, error);
  work.target = opened;
  varve_observer_begin (observer, "compressing", raw_bytes (rebuilt));
  if (opened == NULL || !varve_parallel_for (options->jobs, layers->len, apply_layer, &work, cancellable, error)
      || !apply_publish (&work, cancellable, error))
    return NULL;
  return g_steal_pointer (&result);
}
