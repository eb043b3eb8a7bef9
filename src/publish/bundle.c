/* SPDX-License-Identifier: Apache-2.0 */
/* Deltas and what is attached come first, the image last, so that a folder with an image is complete. */
#include "publish/bundle.h"

#include <unistd.h>

#include "base/error.h"
#include "delta/create.h"
#include "delta/delta-referrer.h"
#include "oci/layout.h"
#include "oci/reachable-blobs.h"
#include "publish/attached.h"
#include "transport/fetch.h"
#include "transport/open-image.h"

enum { NAME_DIGITS = 12 };

typedef struct {
  const VarveReference *place;
  const char *folder;
  const VarveBundleOptions *options;
  VarveImage *image;
  GPtrArray *olds;      /* VarveImage: from which deltas are to be made */
  GPtrArray *published; /* VarveDeltaReferrer: deltas to the image in its registry */
  VarveBundleResult *result;
  GCancellable *cancellable;
} Bundle;

const char *
varve_bundled_kind_to_string (VarveBundledKind kind)
{
  static const char *const NAMES[] = { "image", "delta", "published-delta", "attached" };
  return NAMES[kind];
}

static void
bundled_free (gpointer data)
{
  VarveBundled *bundled = data;
  g_free (bundled->name);
  g_free (bundled->artifact_type);
  g_free (bundled);
}

void
varve_bundle_result_clear (VarveBundleResult *result)
{
  g_clear_pointer (&result->entries, g_ptr_array_unref);
}

static void
report (const Bundle *self, VarveBundledKind kind, const char *name, const char *artifact_type,
        const VarveDigest *digest)
{
  VarveBundled *bundled = g_new0 (VarveBundled, 1);
  *bundled = (VarveBundled){
    .kind = kind, .name = g_strdup (name), .artifact_type = g_strdup (artifact_type), .digest = *digest
  };
  g_ptr_array_add (self->result->entries, bundled);
}

static char *
delta_name (const VarveDigest *source)
{
  g_autofree char *hex = varve_digest_to_hex (source);
  return g_strdup_printf (VARVE_BUNDLE_IMAGE "-delta-from-%.*s", NAME_DIGITS, hex);
}

/* Copies an artifact with all its blobs, and names it in the folder's index. */
static gboolean
copy_artifact (const Bundle *self, const VarveReference *place, const char *name, VarveDigest *out_digest,
               GError **error)
{
  VarveFetchResult fetched;
  VarveFetchOptions options = { .kind = VARVE_FETCH_ONE,
                                .jobs = self->options->create.jobs,
                                .observer = self->options->create.observer,
                                .cancellable = self->cancellable };
  g_autoptr (VarveReference) target = varve_reference_in_folder (self->folder, name, error);
  if (target == NULL || !varve_fetch (place, target, &options, &fetched, error))
    return FALSE;
  *out_digest = fetched.digest;
  return TRUE;
}

static const VarveDeltaReferrer *
find_published (const Bundle *self, const VarveDigest *source)
{
  for (guint i = 0; i < self->published->len; i++)
    {
      const VarveDeltaReferrer *delta = self->published->pdata[i];
      if (delta->has_source && varve_digest_compare (&delta->source, source) == 0)
        return delta;
    }
  return NULL;
}

static gboolean
copy_published (const Bundle *self, const VarveDeltaReferrer *delta, const VarveImage *old, GError **error)
{
  g_autofree char *name = delta_name (&old->descriptor->digest);
  g_autoptr (VarveReference) place = varve_reference_with_digest (self->place, &delta->descriptor->digest);
  VarveBlobs *blobs = varve_open_blobs (place, NULL, error);
  g_autoptr (VarveDelta) opened = blobs != NULL ? varve_delta_open (blobs, NULL, error) : NULL;
  VarveDigest copied;
  if (opened == NULL)
    return FALSE;
  if (!varve_delta_is_between (opened, old, self->image))
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "this delta is not between the two images");
      return FALSE;
    }
  if (!copy_artifact (self, place, name, &copied, error))
    return FALSE;
  report (self, VARVE_BUNDLED_PUBLISHED, name, VARVE_DELTA_ARTIFACT_TYPE, &copied);
  return TRUE;
}

/* FALSE only when cancelled: a delta that cannot be taken is made. */
static gboolean
take_published (const Bundle *self, const VarveImage *old, gboolean *out_taken, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const VarveDeltaReferrer *delta = find_published (self, &old->descriptor->digest);
  *out_taken = FALSE;
  if (delta == NULL)
    return TRUE;
  varve_observer_begin (self->options->create.observer, "copying a published delta", 0);
  *out_taken = copy_published (self, delta, old, &failure);
  if (*out_taken)
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  g_autofree char *digest = varve_digest_to_string (&delta->descriptor->digest);
  varve_observer_warn (self->options->create.observer, "the published delta '%s' is not taken, and one is made: %s",
                       digest, failure->message);
  return TRUE;
}

static gboolean
is_known (const Bundle *self, const VarveImage *old)
{
  for (guint i = 0; i < self->olds->len; i++)
    if (varve_digest_compare (&((VarveImage *)self->olds->pdata[i])->descriptor->digest, &old->descriptor->digest) == 0)
      return TRUE;
  return varve_digest_compare (&self->image->descriptor->digest, &old->descriptor->digest) == 0;
}

static gboolean
add_from (Bundle *self, const VarveReference *from, GError **error)
{
  g_autoptr (VarveImage) old = varve_open_image (from, self->image->config->architecture, error);
  gboolean is_taken;
  if (old == NULL)
    {
      g_prefix_error (error, "--from '%s': ", from->text);
      return FALSE;
    }
  if (is_known (self, old))
    {
      g_autofree char *escaped = varve_escape (from->text);
      varve_observer_warn (self->options->create.observer,
                           "--from '%s': no delta, since this is the image itself or was named before", escaped);
      return TRUE;
    }
  if (!take_published (self, old, &is_taken, error))
    return FALSE;
  if (!is_taken)
    g_ptr_array_add (self->olds, g_steal_pointer (&old));
  return TRUE;
}

/* A single delta would get the whole name of the target. */
static gboolean
make_deltas (const Bundle *self, GError **error)
{
  if (self->olds->len == 0)
    return TRUE;
  g_autofree char *first = delta_name (&((VarveImage *)self->olds->pdata[0])->descriptor->digest);
  g_autoptr (VarveReference) target
      = varve_reference_in_folder (self->folder, self->olds->len == 1 ? first : VARVE_BUNDLE_IMAGE, error);
  g_autoptr (GPtrArray) made = target != NULL ? varve_delta_create (self->olds, self->image, target,
                                                                    &self->options->create, self->cancellable, error)
                                              : NULL;
  for (guint i = 0; made != NULL && i < made->len; i++)
    {
      g_autofree char *name = delta_name (&((VarveImage *)self->olds->pdata[i])->descriptor->digest);
      report (self, VARVE_BUNDLED_DELTA, name, VARVE_DELTA_ARTIFACT_TYPE,
              &((VarveDeltaResult *)made->pdata[i])->digest);
    }
  return made != NULL;
}

/* FALSE only when cancelled. */
static gboolean
copy_attached (const Bundle *self, GError **error)
{
  VarveObserver *observer = self->options->create.observer;
  g_autoptr (GError) failure = NULL;
  varve_observer_begin (observer, "looking for signatures and SBOMs", 0);
  g_autoptr (GPtrArray) list = varve_attached_list (self->place, &self->image->descriptor->digest, &failure);
  if (list == NULL)
    varve_observer_warn (observer, "what is attached to the image is left out: %s", failure->message);
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const VarveAttached *attached = list->pdata[i];
      g_autoptr (GError) not_copied = NULL;
      VarveDigest digest;
      if (copy_artifact (self, attached->place, attached->name, &digest, &not_copied))
        report (self, VARVE_BUNDLED_ATTACHED, attached->name, attached->artifact_type, &digest);
      else
        varve_observer_warn (observer, "'%s' is left out: %s", attached->name, not_copied->message);
    }
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

static gboolean
copy_layers (const Bundle *self, VarveLayout *layout, GError **error)
{
  g_autoptr (GHashTable) layers
      = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, g_free);
  for (guint i = 0; i < self->image->manifest->layers->len; i++)
    {
      const VarveDescriptor *layer = varve_manifest_layer (self->image->manifest, i);
      g_hash_table_insert (layers, g_memdup2 (&layer->digest, sizeof layer->digest),
                           g_memdup2 (&layer->size_bytes, sizeof layer->size_bytes));
    }
  VarveCopyBlobs copy = { .source = self->image->blobs,
                          .target = layout,
                          .kind = VARVE_COPY_WHOLE,
                          .jobs = self->options->create.jobs,
                          .observer = self->options->create.observer };
  varve_observer_begin (copy.observer, "copying layers", 0);
  return varve_copy_blobs (&copy, layers, self->cancellable, error);
}

static gboolean
add_image (const Bundle *self, gboolean with_layers, GError **error)
{
  g_autoptr (VarveLayout) layout
      = varve_layout_open (self->folder, self->options->create.observer, self->cancellable, error);
  VarveDigest digest;
  if (layout == NULL || (with_layers && !copy_layers (self, layout, error))
      || !varve_layout_add_blob (layout, self->image->config_bytes, &digest, error)
      || !varve_layout_add_blob (layout, self->image->manifest_bytes, &digest, error))
    return FALSE;
  g_autoptr (VarveDescriptor) entry
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, g_bytes_get_size (self->image->manifest_bytes));
  entry->architecture = g_strdup (self->image->config->architecture);
  entry->os = g_strdup (self->image->config->os);
  entry->variant = g_strdup (self->image->config->variant);
  if (!varve_layout_publish (layout, entry, VARVE_BUNDLE_IMAGE, error))
    return FALSE;
  report (self, VARVE_BUNDLED_IMAGE, VARVE_BUNDLE_IMAGE, NULL, &digest);
  return TRUE;
}

static gboolean
has_file (VarveLayout *layout, const VarveDigest *digest, guint64 size_bytes)
{
  int fd = varve_layout_open_blob (layout, digest, size_bytes);
  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

/* What the folder has of all that its index leads to. */
static gboolean
count_blobs (const Bundle *self, GError **error)
{
  g_autoptr (VarveLayout) layout = varve_layout_open (self->folder, NULL, self->cancellable, error);
  g_autoptr (VarveBlobs) blobs = layout != NULL ? varve_layout_blobs (layout, error) : NULL;
  g_autoptr (GHashTable) reached = blobs != NULL ? varve_reachable_blobs (blobs, error) : NULL;
  if (reached == NULL)
    return FALSE;
  GHashTableIter iter;
  gpointer digest, size;
  for (g_hash_table_iter_init (&iter, reached); g_hash_table_iter_next (&iter, &digest, &size);)
    if (has_file (layout, digest, *(guint64 *)size))
      self->result->total_bytes += *(guint64 *)size;
  for (guint i = 0; i < self->image->manifest->layers->len; i++)
    {
      const VarveDescriptor *layer = varve_manifest_layer (self->image->manifest, i);
      if (!has_file (layout, &layer->digest, layer->size_bytes))
        continue;
      self->result->n_layers++;
      self->result->layers_bytes += layer->size_bytes;
    }
  return TRUE;
}

static gboolean
bundle_all (Bundle *self, GPtrArray *froms, GError **error)
{
  self->image = varve_open_image (self->place, self->options->architecture, error);
  if (self->image == NULL)
    return FALSE;
  if (self->place->transport == VARVE_TRANSPORT_DOCKER && froms->len > 0)
    self->published = varve_delta_referrers_list (self->place, &self->image->descriptor->digest, error);
  else
    self->published = g_ptr_array_new ();
  if (self->published == NULL)
    return FALSE;
  for (guint i = 0; i < froms->len; i++)
    if (!add_from (self, froms->pdata[i], error))
      return FALSE;
  gboolean with_layers = froms->len == 0 || self->options->kind == VARVE_BUNDLE_LAYERS;
  return make_deltas (self, error) && copy_attached (self, error) && add_image (self, with_layers, error)
         && count_blobs (self, error);
}

gboolean
varve_bundle (const VarveReference *image, const char *folder, GPtrArray *froms, const VarveBundleOptions *options,
              VarveBundleResult *out_result, GCancellable *cancellable, GError **error)
{
  if (!varve_reference_check_folder (folder, error))
    return FALSE;
  g_auto (VarveBundleResult) result = { .entries = g_ptr_array_new_with_free_func (bundled_free) };
  g_autoptr (GPtrArray) olds = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_image_free);
  Bundle self = {
    .place = image,
    .folder = folder,
    .options = options,
    .olds = olds,
    .result = &result,
    .cancellable = cancellable,
  };
  gboolean done = bundle_all (&self, froms, error);
  g_clear_pointer (&self.published, g_ptr_array_unref);
  g_clear_pointer (&self.image, varve_image_free);
  if (!done)
    return FALSE;
  *out_result = result;
  result.entries = NULL;
  return TRUE;
}
