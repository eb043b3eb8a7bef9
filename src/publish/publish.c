/* SPDX-License-Identifier: Apache-2.0 */
/* The order makes a crash harmless: content, then each delta and its entry in the list of referrers, then the tags. */
#include "publish/publish.h"

#include "base/error.h"
#include "base/temporary-folder.h"
#include "delta/create.h"
#include "delta/delta-referrer.h"
#include "oci/image.h"
#include "publish/earlier-images.h"
#include "transport/entry-blobs.h"
#include "transport/open-image.h"
#include "transport/referrers.h"

typedef struct {
  const VarveReference *source, *target; /* the target has a tag */
  const VarvePublishOptions *options;
  GPtrArray *images;  /* VarveImage: the new image, or those of the new index */
  GPtrArray *changes; /* VarveReferrersChange, to the lists that were written */
  VarvePublishResult *result;
  GCancellable *cancellable;
} Publish;

static void
published_delta_free (gpointer data)
{
  VarvePublishedDelta *delta = data;
  g_free (delta->version);
  g_free (delta);
}

void
varve_publish_result_clear (VarvePublishResult *result)
{
  varve_push_result_clear (&result->push);
  g_clear_pointer (&result->deltas, g_ptr_array_unref);
}

static gboolean
add_image (Publish *publish, VarveBlobs *all, const VarveDescriptor *entry, GError **error)
{
  VarveBlobs *blobs = varve_entry_blobs_new (all, entry, error);
  VarveImage *image = blobs != NULL ? varve_image_open (blobs, NULL, entry->architecture, error) : NULL;
  if (image != NULL)
    g_ptr_array_add (publish->images, image);
  return image != NULL;
}

static gboolean
add_images (Publish *publish, VarveBlobs *all, GError **error)
{
  g_autoptr (GBytes) bytes = varve_blobs_load_index (all, error);
  g_autoptr (VarveIndex) layout = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  const VarveDescriptor *entry = layout != NULL ? varve_image_select (layout, publish->source->ref, error) : NULL;
  if (entry == NULL || !varve_image_is_index (entry))
    return entry != NULL && add_image (publish, all, entry, error);
  g_autoptr (GBytes) index_bytes = varve_blobs_load (all, entry, VARVE_DOCUMENT_MAX_BYTES, error);
  g_autoptr (VarveIndex) index = index_bytes != NULL ? varve_index_from_bytes (index_bytes, error) : NULL;
  for (guint i = 0; index != NULL && i < index->manifests->len; i++)
    if (varve_index_is_image (varve_index_entry (index, i))
        && !add_image (publish, all, varve_index_entry (index, i), error))
      return FALSE;
  return index != NULL;
}

static VarveReference *
reference_by_digest (const VarveReference *repository, const VarveDigest *digest)
{
  g_autofree char *text = varve_digest_to_string (digest);
  g_autofree char *ref = g_strconcat ("@", text, NULL);
  return varve_reference_with_ref (repository, ref);
}

/* An image to start from. */
typedef struct {
  VarveImage *image;
  char *version;
} Old;

static void
old_free (gpointer data)
{
  Old *old = data;
  varve_image_free (old->image);
  g_free (old->version);
  g_free (old);
}

/* For one of the new images. */
typedef struct {
  Publish *publish;
  const VarveImage *new;
  GPtrArray *there; /* VarveDeltaReferrer */
  GPtrArray *olds;  /* Old */
  guint n_deltas;   /* made or there */
  GHashTable *seen; /* of VarveDigest: images that were considered */
} Target;

static void
target_clear (Target *target)
{
  g_clear_pointer (&target->there, g_ptr_array_unref);
  g_clear_pointer (&target->olds, g_ptr_array_unref);
  g_clear_pointer (&target->seen, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

static const VarveDeltaReferrer *
find_delta (const GPtrArray *deltas, const VarveDigest *source)
{
  for (guint i = 0; i < deltas->len; i++)
    {
      const VarveDeltaReferrer *delta = deltas->pdata[i];
      if (delta->has_source && varve_digest_compare (&delta->source, source) == 0)
        return delta;
    }
  return NULL;
}

static void
report_delta (const Target *target, VarvePublishedState state, const VarveDeltaReferrer *delta, const char *version)
{
  VarvePublishedDelta *published = g_new0 (VarvePublishedDelta, 1);
  *published = (VarvePublishedDelta){
    .state = state,
    .digest = delta->descriptor->digest,
    .source = delta->source,
    .target = target->new->descriptor->digest,
    .version = g_strdup (version),
    .knows_costs = delta->knows_costs,
    .download_bytes = delta->download_bytes,
    .encode_seconds = delta->encode_seconds,
    .encode_bytes = delta->encode_bytes,
  };
  g_ptr_array_add (target->publish->result->deltas, published);
}

/* Whether a delta from that image is in the registry. */
static gboolean
is_there (Target *target, const VarveDigest *source, const char *version)
{
  const VarveDeltaReferrer *delta = find_delta (target->there, source);
  if (delta == NULL)
    return FALSE;
  report_delta (target, VARVE_PUBLISHED_THERE, delta, version);
  target->n_deltas++;
  return TRUE;
}

static void
add_old (Target *target, VarveImage *image, const char *version)
{
  Old *old = g_new0 (Old, 1);
  *old = (Old){ .image = image, .version = g_strdup (version) };
  g_ptr_array_add (target->olds, old);
  target->n_deltas++;
}

/* TRUE also for an image that is no longer in the registry. */
static gboolean
add_predecessor (Target *target, const VarvePredecessor *predecessor, GError **error)
{
  g_autoptr (GError) failure = NULL;
  if (!g_hash_table_add (target->seen, g_memdup2 (&predecessor->digest, sizeof predecessor->digest))
      || is_there (target, &predecessor->digest, predecessor->version))
    return TRUE;
  g_autoptr (VarveReference) reference = reference_by_digest (target->publish->target, &predecessor->digest);
  VarveImage *image = varve_open_image (reference, target->new->config->architecture, &failure);
  if (image != NULL)
    add_old (target, image, predecessor->version);
  else if (!g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return TRUE;
}

static gboolean
add_last (Target *target, GError **error)
{
  guint n_last = target->publish->options->n_last;
  if (n_last == 0)
    return TRUE;
  g_autoptr (GPtrArray) earlier = varve_earlier_images (target->publish->target, target->new, error);
  for (guint i = 0; earlier != NULL && i < earlier->len && target->n_deltas < n_last; i++)
    if (!add_predecessor (target, earlier->pdata[i], error))
      return FALSE;
  return earlier != NULL;
}

static gboolean
add_named (Target *target, const char *ref, GError **error)
{
  g_autoptr (VarveReference) reference = varve_reference_with_ref (target->publish->target, ref);
  g_autoptr (VarveImage) image = varve_open_image (reference, target->new->config->architecture, error);
  if (image == NULL)
    return FALSE;
  const VarveDigest *digest = &image->descriptor->digest;
  const char *version = varve_config_label (image->config, VARVE_LABEL_IMAGE_VERSION);
  if (varve_digest_compare (digest, &target->new->descriptor->digest) != 0
      && g_hash_table_add (target->seen, g_memdup2 (digest, sizeof *digest)) && !is_there (target, digest, version))
    add_old (target, g_steal_pointer (&image), version);
  return TRUE;
}

/* Pushes a delta from a layout and lists it at once, so that a run that is killed later need not make it again. */
static gboolean
publish_delta (Target *target, VarveReferrersChange *change, const VarveReference *place, const char *version,
               GError **error)
{
  const Publish *publish = target->publish;
  VarveBlobs *blobs = varve_open_layout (place, error);
  g_autoptr (VarveDelta) delta = blobs != NULL ? varve_delta_open (blobs, place->ref, error) : NULL;
  if (delta == NULL)
    return FALSE;
  g_autoptr (VarveReference) exact = reference_by_digest (publish->target, &delta->descriptor->digest);
  VarvePushOptions options = { .step = VARVE_PUSH_CONTENT };
  g_auto (VarvePushResult) pushed = { 0 };
  if (!varve_push (place, exact, &options, &pushed, publish->cancellable, error))
    return FALSE;
  g_autoptr (VarveDescriptor) entry
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &delta->descriptor->digest, delta->descriptor->size_bytes);
  entry->artifact_type = g_strdup (delta->manifest->artifact_type);
  entry->annotations = delta->manifest->annotations != NULL ? g_tree_ref (delta->manifest->annotations) : NULL;
  varve_referrers_change_add (change, entry);
  if (!varve_referrers_apply (publish->target, change, error))
    return FALSE;
  g_autoptr (VarveDeltaReferrer) referrer = varve_delta_referrer_parse (entry);
  if (referrer != NULL)
    report_delta (target, VARVE_PUBLISHED_MADE, referrer, version);
  return TRUE;
}

static gboolean
make_deltas (Target *target, GError **error)
{
  Publish *publish = target->publish;
  g_autoptr (VarveTemporaryFolder) scratch = varve_temporary_folder_new (publish->options->create.work_path, error);
  g_autoptr (GPtrArray) olds = g_ptr_array_new ();
  if (scratch == NULL)
    return FALSE;
  for (guint i = 0; i < target->olds->len; i++)
    g_ptr_array_add (olds, ((const Old *)target->olds->pdata[i])->image);
  g_autofree char *text = g_strdup_printf ("oci:%s/deltas:delta", varve_temporary_folder_path (scratch));
  g_autoptr (VarveReference) place = varve_reference_parse (text, error);
  g_autoptr (GPtrArray) made = place != NULL ? varve_delta_create (olds, target->new, place, &publish->options->create,
                                                                   publish->cancellable, error)
                                             : NULL;
  if (made == NULL)
    return FALSE;
  VarveReferrersChange *change = varve_referrers_change_new (&target->new->descriptor->digest);
  g_ptr_array_add (publish->changes, change);
  for (guint i = 0; i < made->len; i++)
    {
      const VarveDeltaResult *result = made->pdata[i];
      g_autoptr (VarveReference) one = varve_reference_parse (result->target, error);
      if (one == NULL || !publish_delta (target, change, one, ((const Old *)target->olds->pdata[i])->version, error))
        return FALSE;
    }
  return TRUE;
}

/* Deltas in the list that were not asked for. */
static void
report_others (const Target *target)
{
  for (guint i = 0; i < target->there->len; i++)
    {
      const VarveDeltaReferrer *delta = target->there->pdata[i];
      if (!delta->has_source || !g_hash_table_contains (target->seen, &delta->source))
        report_delta (target, VARVE_PUBLISHED_THERE, delta, NULL);
    }
}

static gboolean
publish_deltas_to (Publish *publish, const VarveImage *image, GError **error)
{
  g_auto (Target) target = { .publish = publish, .new = image };
  const VarvePublishOptions *options = publish->options;
  if (options->n_last == 0 && options->named->len == 0)
    return TRUE;
  target.there = varve_delta_referrers_list (publish->target, &image->descriptor->digest, error);
  target.olds = g_ptr_array_new_with_free_func (old_free);
  target.seen = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  if (target.there == NULL || !add_last (&target, error))
    return FALSE;
  for (guint i = 0; i < options->named->len; i++)
    if (!add_named (&target, options->named->pdata[i], error))
      return FALSE;
  report_others (&target);
  return target.olds->len == 0 || make_deltas (&target, error);
}

static gboolean
push_step (const Publish *publish, VarvePushStep step, VarvePushResult *out_result, GError **error)
{
  VarvePushOptions options = publish->options->push;
  options.step = step;
  return varve_push (publish->source, publish->target, &options, out_result, publish->cancellable, error);
}

static gboolean
publish_all (Publish *publish, GError **error)
{
  VarvePublishResult *result = publish->result;
  g_autoptr (VarveBlobs) all = varve_open_layout (publish->source, error);
  if (all == NULL || !add_images (publish, all, error)
      || !push_step (publish, VARVE_PUSH_CONTENT, &result->push, error))
    return FALSE;
  for (guint i = 0; i < publish->images->len; i++)
    if (!publish_deltas_to (publish, publish->images->pdata[i], error))
      return FALSE;
  g_auto (VarvePushResult) tagged = { 0 };
  return varve_referrers_settle (publish->target, publish->changes, publish->cancellable, error)
         && push_step (publish, VARVE_PUSH_TAGS, &tagged, error);
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
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_image_free);
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_referrers_change_free);
  g_auto (VarvePublishResult) result = { .deltas = g_ptr_array_new_with_free_func (published_delta_free) };
  Publish publish = {
    .source = source,
    .target = tagged,
    .options = options,
    .images = images,
    .changes = changes,
    .result = &result,
    .cancellable = cancellable,
  };
  if (!publish_all (&publish, error))
    return FALSE;
  *out_result = result;
  result = (VarvePublishResult){ 0 };
  return TRUE;
}
