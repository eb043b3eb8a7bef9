/* SPDX-License-Identifier: Apache-2.0 */
#include "host/delta-offers.h"

#include "base/error.h"
#include "oci/index.h"
#include "transport/open-image.h"

/* Manifests that are read of a layout: more are not in one by accident. */
enum { MAX_ENTRIES = 1000 };

typedef struct {
  VarveDeltaOffers offers;
  const VarveReference *reference;
  VarveBlobs *blobs; /* of a layout; NULL for a registry */
  VarveIndex *index;
  VarveObserver *observer;
} Offers;

static VarveReference *
digest_reference (const Offers *self, const VarveDigest *digest)
{
  g_autofree char *text = varve_digest_to_string (digest), *ref = g_strconcat ("@", text, NULL);
  return varve_reference_with_ref (self->reference, ref);
}

static GPtrArray *
registry_list (gpointer data, const VarveDigest *target, GError **error)
{
  const Offers *self = data;
  return varve_delta_referrers_list (self->reference, target, error);
}

static VarveDelta *
registry_open (gpointer data, const VarveDescriptor *delta, GError **error)
{
  g_autoptr (VarveReference) reference = digest_reference (data, &delta->digest);
  VarveBlobs *blobs = varve_open_blobs (reference, NULL, error);
  return blobs != NULL ? varve_delta_open (blobs, NULL, error) : NULL;
}

/* The entry of a layout as a list of referrers would have it; NULL if it is no delta to @target. */
static VarveDeltaReferrer *
layout_referrer (const Offers *self, const VarveDescriptor *entry, const VarveDigest *target, GError **error)
{
  if (varve_image_is_index (entry))
    return NULL;
  g_autoptr (GBytes) bytes = varve_blobs_load (self->blobs, entry, VARVE_DOCUMENT_MAX_BYTES, error);
  g_autoptr (VarveManifest) manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, error) : NULL;
  if (manifest == NULL || g_strcmp0 (manifest->artifact_type, VARVE_DELTA_ARTIFACT_TYPE) != 0
      || manifest->subject == NULL || varve_digest_compare (&manifest->subject->digest, target) != 0)
    return NULL;
  g_autoptr (VarveDescriptor) described = varve_descriptor_new (entry->media_type, &entry->digest, entry->size_bytes);
  described->artifact_type = g_strdup (manifest->artifact_type);
  described->annotations = manifest->annotations != NULL ? g_tree_ref (manifest->annotations) : NULL;
  return varve_delta_referrer_parse (described);
}

static GPtrArray *
layout_list (gpointer data, const VarveDigest *target, GError **error)
{
  const Offers *self = data;
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_delta_referrer_free);
  for (guint i = 0; i < MIN (self->index->manifests->len, MAX_ENTRIES); i++)
    {
      g_autoptr (GError) failure = NULL;
      const VarveDescriptor *entry = varve_index_entry (self->index, i);
      VarveDeltaReferrer *referrer = layout_referrer (self, entry, target, &failure);
      g_autofree char *text = varve_digest_to_string (&entry->digest);
      /* An image may be missing in a layout that others write. */
      if (failure != NULL && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
        varve_observer_warn (self->observer, "looking for deltas: %s: %s", text, failure->message);
      if (referrer != NULL)
        g_ptr_array_add (list, referrer);
    }
  return list;
}

static VarveDelta *
layout_open (gpointer data, const VarveDescriptor *delta, GError **error)
{
  const Offers *self = data;
  g_autofree char *text = varve_digest_to_string (&delta->digest), *ref = g_strconcat ("@", text, NULL);
  VarveBlobs *blobs = varve_open_layout (self->reference, error);
  return blobs != NULL ? varve_delta_open (blobs, ref, error) : NULL;
}

static gboolean
layout_load (Offers *self, GError **error)
{
  self->blobs = varve_open_layout (self->reference, error);
  g_autoptr (GBytes) bytes = self->blobs != NULL ? varve_blobs_load_index (self->blobs, error) : NULL;
  self->index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  if (self->index != NULL && self->index->manifests->len > MAX_ENTRIES)
    varve_observer_warn (self->observer, "'%s': only the first %d of %u entries are searched for deltas",
                         self->reference->text, MAX_ENTRIES, self->index->manifests->len);
  return self->index != NULL;
}

void
varve_delta_offers_free (VarveDeltaOffers *offers)
{
  Offers *self = offers->data;
  g_clear_pointer (&self->index, varve_index_free);
  g_clear_pointer (&self->blobs, varve_blobs_free);
  g_free (self);
}

VarveDeltaOffers *
varve_delta_offers_new (const VarveReference *reference, VarveObserver *observer, GError **error)
{
  gboolean is_layout = varve_reference_is_oci (reference);
  if (!is_layout && reference->transport != VARVE_TRANSPORT_DOCKER)
    return NULL;
  Offers *self = g_new0 (Offers, 1);
  self->reference = reference;
  self->observer = observer;
  self->offers = (VarveDeltaOffers){ .list = is_layout ? layout_list : registry_list,
                                     .open = is_layout ? layout_open : registry_open,
                                     .data = self };
  if (!is_layout || layout_load (self, error))
    return &self->offers;
  varve_delta_offers_free (&self->offers);
  return NULL;
}
