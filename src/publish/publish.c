/* SPDX-License-Identifier: Apache-2.0 */
/* The order makes a crash harmless: content, then each delta and its entry in a list of referrers, then the tags. What
 * is removed goes last, because hosts may use it until the tags have moved. */
#include "publish/publish.h"

#include "base/error.h"
#include "publish/earlier-images.h"
#include "publish/given-deltas.h"
#include "publish/image-deltas.h"
#include "publish/publisher.h"
#include "publish/retention.h"
#include "transport/entry-blobs.h"
#include "transport/open-image.h"

static gboolean
add_image (VarvePublisher *publisher, const VarveDescriptor *entry, GError **error)
{
  VarveBlobs *blobs = varve_entry_blobs_new (publisher->local, entry, error);
  VarveImage *image = blobs != NULL ? varve_image_open (blobs, NULL, entry->architecture, error) : NULL;
  if (image != NULL)
    g_ptr_array_add (publisher->images, image);
  return image != NULL;
}

static gboolean
add_images (VarvePublisher *publisher, const char *ref, GError **error)
{
  g_autoptr (GBytes) bytes = varve_blobs_load_index (publisher->local, error);
  g_autoptr (VarveIndex) layout = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  const VarveDescriptor *entry = layout != NULL ? varve_image_select (layout, ref, error) : NULL;
  if (entry == NULL || !varve_image_is_index (entry))
    return entry != NULL && add_image (publisher, entry, error);
  g_autoptr (GBytes) index_bytes = varve_blobs_load (publisher->local, entry, VARVE_DOCUMENT_MAX_BYTES, error);
  g_autoptr (VarveIndex) index = index_bytes != NULL ? varve_index_from_bytes (index_bytes, error) : NULL;
  for (guint i = 0; index != NULL && i < index->manifests->len; i++)
    if (varve_index_is_image (varve_index_entry (index, i))
        && !add_image (publisher, varve_index_entry (index, i), error))
      return FALSE;
  return index != NULL;
}

/* For each of the new images those before it, before the tags move. */
static GPtrArray *
list_earlier (const VarvePublisher *publisher, GError **error)
{
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  for (guint i = 0; i < publisher->images->len; i++)
    {
      GPtrArray *earlier = varve_earlier_images (publisher->target, publisher->images->pdata[i], error);
      if (earlier == NULL)
        return NULL;
      g_ptr_array_add (lists, earlier);
    }
  return g_steal_pointer (&lists);
}

static gboolean
push_step (const VarvePublisher *publisher, const VarveReference *source, VarvePushStep step,
           VarvePushResult *out_result, GError **error)
{
  VarvePushOptions options = publisher->options->push;
  options.step = step;
  return varve_push (source, publisher->target, &options, out_result, publisher->cancellable, error);
}

static gboolean
publish_deltas (VarvePublisher *publisher, const GPtrArray *earlier, GError **error)
{
  if (publisher->options->deltas_path != NULL && !varve_given_deltas_publish (publisher, error))
    return FALSE;
  for (guint i = 0; i < publisher->images->len; i++)
    if (!varve_image_deltas_publish (publisher, publisher->images->pdata[i], earlier->pdata[i], error))
      return FALSE;
  return varve_referrers_settle (publisher->target, publisher->changes, publisher->cancellable, error);
}

static gboolean
remove_deltas (VarvePublisher *publisher, const GPtrArray *earlier, GError **error)
{
  for (guint i = 0; publisher->options->keep > 0 && i < earlier->len; i++)
    if (!varve_retention_apply (publisher, earlier->pdata[i], error))
      return FALSE;
  return varve_referrers_settle (publisher->target, publisher->changes, publisher->cancellable, error);
}

static gboolean
publish_all (VarvePublisher *publisher, const VarveReference *source, GError **error)
{
  if (!add_images (publisher, source->ref, error))
    return FALSE;
  g_autoptr (GPtrArray) earlier = list_earlier (publisher, error);
  g_auto (VarvePushResult) tagged = { 0 };
  if (earlier == NULL || !push_step (publisher, source, VARVE_PUSH_CONTENT, &publisher->result->push, error)
      || !publish_deltas (publisher, earlier, error) || !push_step (publisher, source, VARVE_PUSH_TAGS, &tagged, error))
    return FALSE;
  if (remove_deltas (publisher, earlier, error))
    return TRUE;
  g_prefix_error (error, "the image is published, but removing older deltas: ");
  return FALSE;
}

gboolean
varve_publish (const VarveReference *source, const VarveReference *target, const VarvePublishOptions *options,
               VarvePublishResult *out_result, GCancellable *cancellable, GError **error)
{
  if (target->transport != VARVE_TRANSPORT_DOCKER || (target->ref != NULL && target->ref[0] == '@'))
    {
      g_autofree char *escaped = varve_escape (target->text);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "'%s': expected docker://HOST/NAME[:TAG]", escaped);
      return FALSE;
    }
  g_autoptr (VarveReference) tagged = varve_reference_with_ref (target, target->ref != NULL ? target->ref : "latest");
  g_autoptr (VarveBlobs) local = varve_open_layout (source, error);
  if (local == NULL)
    return FALSE;
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_image_free);
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_referrers_change_free);
  g_auto (VarvePublishResult) result = {
    .deltas = g_ptr_array_new_with_free_func (g_free),
    .removed = g_ptr_array_new_with_free_func (varve_removed_delta_free),
  };
  VarvePublisher publisher = {
    .target = tagged,
    .options = options,
    .local = local,
    .images = images,
    .changes = changes,
    .result = &result,
    .cancellable = cancellable,
  };
  if (!publish_all (&publisher, source, error))
    return FALSE;
  *out_result = result;
  result = (VarvePublishResult){ 0 };
  return TRUE;
}
