/* SPDX-License-Identifier: Apache-2.0 */
#include "host/delta-offers.h"

#include "base/error.h"
#include "oci/index.h"
#include "transport/open-image.h"

/* Manifests that are read of a layout: more are not in one by accident. */
enum { MAX_ENTRIES = 1000 };

/* A delta of a layout. */
typedef struct {
  VarveDigest target;
  VarveDescriptor *entry; /* as a list of referrers would have it */
} Offered;

typedef struct {
  VarveDeltaOffers offers;
  const VarveReference *reference;
  VarveBlobs *blobs; /* of a layout; NULL for a registry */
  VarveIndex *index;
  GPtrArray *offered; /* Offered; NULL until the manifests of the layout are read */
  VarveObserver *observer;
  GCancellable *cancellable;
} Offers;

static void
offered_free (gpointer data)
{
  Offered *offered = data;
  varve_descriptor_free (offered->entry);
  g_free (offered);
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
  const Offers *self = data;
  g_autoptr (VarveReference) reference = varve_reference_with_digest (self->reference, &delta->digest);
  VarveBlobs *blobs = varve_open_blobs (reference, NULL, error);
  return blobs != NULL ? varve_delta_open (blobs, NULL, error) : NULL;
}

/* NULL if it is no delta. */
static Offered *
layout_read_entry (const Offers *self, const VarveDescriptor *entry, GError **error)
{
  if (varve_image_is_index (entry))
    return NULL;
  g_autoptr (GBytes) bytes = varve_blobs_load (self->blobs, entry, VARVE_DOCUMENT_MAX_BYTES, error);
  g_autoptr (VarveManifest) manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, error) : NULL;
  if (manifest == NULL || g_strcmp0 (manifest->artifact_type, VARVE_DELTA_ARTIFACT_TYPE) != 0
      || manifest->subject == NULL)
    return NULL;
  Offered *offered = g_new0 (Offered, 1);
  offered->target = manifest->subject->digest;
  offered->entry = varve_manifest_referrer (manifest, &entry->digest, entry->size_bytes);
  return offered;
}

/* Once: a search asks for the deltas to many images. */
static gboolean
layout_read (Offers *self, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (offered_free);
  for (guint i = 0; i < MIN (self->index->manifests->len, MAX_ENTRIES); i++)
    {
      g_autoptr (GError) failure = NULL;
      const VarveDescriptor *entry = varve_index_entry (self->index, i);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      Offered *offered = layout_read_entry (self, entry, &failure);
      g_autofree char *text = varve_digest_to_string (&entry->digest);
      /* An image may be missing in a layout that others write. */
      if (failure != NULL && !g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
        varve_observer_warn (self->observer, "looking for deltas: %s: %s", text, failure->message);
      if (offered != NULL)
        g_ptr_array_add (all, offered);
    }
  self->offered = g_steal_pointer (&all);
  return TRUE;
}

static GPtrArray *
layout_list (gpointer data, const VarveDigest *target, GError **error)
{
  Offers *self = data;
  if (self->offered == NULL && !layout_read (self, error))
    return NULL;
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_delta_referrer_free);
  for (guint i = 0; i < self->offered->len; i++)
    {
      const Offered *offered = self->offered->pdata[i];
      if (varve_digest_compare (&offered->target, target) != 0)
        continue;
      VarveDeltaReferrer *referrer = varve_delta_referrer_parse (offered->entry);
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
  g_clear_pointer (&self->offered, g_ptr_array_unref);
  g_clear_pointer (&self->index, varve_index_free);
  g_clear_pointer (&self->blobs, varve_blobs_free);
  g_free (self);
}

VarveDeltaOffers *
varve_delta_offers_new (const VarveReference *reference, VarveObserver *observer, GCancellable *cancellable,
                        GError **error)
{
  gboolean is_layout = varve_reference_is_oci (reference);
  if (!is_layout && reference->transport != VARVE_TRANSPORT_DOCKER)
    return NULL;
  Offers *self = g_new0 (Offers, 1);
  self->reference = reference;
  self->observer = observer;
  self->cancellable = cancellable;
  self->offers = (VarveDeltaOffers){ .list = is_layout ? layout_list : registry_list,
                                     .open = is_layout ? layout_open : registry_open,
                                     .data = self };
  if (!is_layout || layout_load (self, error))
    return &self->offers;
  varve_delta_offers_free (&self->offers);
  return NULL;
}
