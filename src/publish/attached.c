/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/attached.h"

#include "base/error.h"
#include "delta/delta-referrer.h"
#include "oci/index.h"
#include "skopeo/proxied-blobs.h"
#include "transport/open-image.h"
#include "transport/referrers.h"

enum { NAME_DIGITS = 12 };

static const char *const SUFFIXES[] = { ".sig", ".att", ".sbom" };

static void
attached_free (gpointer data)
{
  VarveAttached *attached = data;
  varve_reference_free (attached->place);
  g_free (attached->name);
  g_free (attached->artifact_type);
  g_free (attached);
}

/* The same place with another ref. */
static VarveReference *
place_with_ref (const VarveReference *place, const char *ref, GError **error)
{
  if (place->transport == VARVE_TRANSPORT_DOCKER)
    return varve_reference_with_ref (place, ref);
  const char *transport = place->transport == VARVE_TRANSPORT_OCI ? "oci:" : "oci-archive:";
  g_autofree char *text = g_strconcat (transport, place->path, ":", ref, NULL);
  return varve_reference_parse (text, error);
}

static gboolean
list_add (GPtrArray *list, const VarveReference *place, const char *ref, const char *name, const char *artifact_type,
          GError **error)
{
  VarveReference *found = place_with_ref (place, ref, error);
  if (found == NULL)
    return FALSE;
  VarveAttached *attached = g_new0 (VarveAttached, 1);
  *attached = (VarveAttached){ .place = found, .name = g_strdup (name), .artifact_type = g_strdup (artifact_type) };
  g_ptr_array_add (list, attached);
  return TRUE;
}

static gboolean
list_add_referrer (GPtrArray *list, const VarveReference *place, const VarveDescriptor *entry,
                   const char *artifact_type, GError **error)
{
  g_autofree char *text = varve_digest_to_string (&entry->digest), *hex = varve_digest_to_hex (&entry->digest);
  g_autofree char *ref = g_strconcat ("@", text, NULL), *name = g_strdup_printf ("referrer-%.*s", NAME_DIGITS, hex);
  /* A list that an old skopeo wrote has no artifact types. */
  g_autoptr (VarveDeltaReferrer) delta = varve_delta_referrer_parse (entry);
  return delta != NULL || g_strcmp0 (artifact_type, VARVE_DELTA_ARTIFACT_TYPE) == 0
         || list_add (list, place, ref, name, artifact_type, error);
}

static gboolean
registry_add_tag (GPtrArray *list, const VarveReference *place, const char *tag, GError **error)
{
  g_autoptr (VarveReference) tagged = varve_reference_with_ref (place, tag);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) bytes = varve_load_raw_manifest (tagged, &failure);
  if (bytes != NULL)
    return list_add (list, place, tag, tag, NULL, error);
  if (g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
registry_list (GPtrArray *list, const VarveReference *place, const VarveDigest *image, GError **error)
{
  g_autoptr (VarveIndex) referrers = varve_referrers_read_all (place, image, error);
  g_autofree char *base = varve_referrers_tag (image);
  for (guint i = 0; referrers != NULL && i < referrers->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (referrers, i);
      if (!list_add_referrer (list, place, entry, entry->artifact_type, error))
        return FALSE;
    }
  for (guint i = 0; referrers != NULL && i < G_N_ELEMENTS (SUFFIXES); i++)
    {
      g_autofree char *tag = g_strconcat (base, SUFFIXES[i], NULL);
      if (!registry_add_tag (list, place, tag, error))
        return FALSE;
    }
  return referrers != NULL;
}

/* An entry without a manifest that can be read has no subject. */
static gboolean
layout_add_entry (GPtrArray *list, const VarveReference *place, VarveBlobs *blobs, const VarveDescriptor *entry,
                  const VarveDigest *image, GError **error)
{
  g_autoptr (GBytes) bytes
      = varve_image_is_index (entry) ? NULL : varve_blobs_load (blobs, entry, VARVE_DOCUMENT_MAX_BYTES, NULL);
  g_autoptr (VarveManifest) manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, NULL) : NULL;
  if (manifest == NULL || manifest->subject == NULL || varve_digest_compare (&manifest->subject->digest, image) != 0)
    return TRUE;
  return list_add_referrer (list, place, entry, manifest->artifact_type, error);
}

static gboolean
layout_list (GPtrArray *list, const VarveReference *place, const VarveDigest *image, GError **error)
{
  g_autoptr (VarveBlobs) blobs = varve_open_layout (place, error);
  g_autoptr (GBytes) bytes = blobs != NULL ? varve_blobs_load_index (blobs, error) : NULL;
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  g_autofree char *base = varve_referrers_tag (image);
  for (guint i = 0; index != NULL && i < index->manifests->len; i++)
    if (!layout_add_entry (list, place, blobs, varve_index_entry (index, i), image, error))
      return FALSE;
  for (guint i = 0; index != NULL && i < G_N_ELEMENTS (SUFFIXES); i++)
    {
      g_autofree char *name = g_strconcat (base, SUFFIXES[i], NULL);
      if (varve_index_find_ref (index, name) != NULL && !list_add (list, place, name, name, NULL, error))
        return FALSE;
    }
  return index != NULL;
}

GPtrArray *
varve_attached_list (const VarveReference *place, const VarveDigest *image, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (attached_free);
  gboolean done = TRUE;
  if (place->transport == VARVE_TRANSPORT_DOCKER)
    done = registry_list (list, place, image, error);
  else if (varve_reference_is_oci (place))
    done = layout_list (list, place, image, error);
  return done ? g_steal_pointer (&list) : NULL;
}
