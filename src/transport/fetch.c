/* SPDX-License-Identifier: Apache-2.0 */
/* Which blobs an image, an index or a whole layout needs, and the index entries that a target gets for them. */
#include "transport/fetch.h"

#include "base/error.h"
#include "oci/image.h"
#include "oci/reachable-blobs.h"
#include "skopeo/proxied-blobs.h"
#include "transport/entry-blobs.h"
#include "transport/open-image.h"

typedef struct {
  const VarveFetchOptions *options;
  VarveLayout *layout;
  VarveCopyCount *count;
} Fetch;

static gboolean
fetch_blobs (Fetch *fetch, VarveBlobs *source, GHashTable *reached, VarveCopyKind kind, GError **error)
{
  VarveCopyBlobs copy = {
    .source = source,
    .target = fetch->layout,
    .kind = kind,
    .jobs = fetch->options->jobs,
    .observer = fetch->options->observer,
  };
  gboolean copied = varve_copy_blobs (&copy, reached, fetch->options->cancellable, error);
  fetch->count->copied_bytes += copy.count.copied_bytes;
  fetch->count->kept_bytes += copy.count.kept_bytes;
  fetch->count->n_copied += copy.count.n_copied;
  fetch->count->n_kept += copy.count.n_kept;
  fetch->count->n_absent += copy.count.n_absent;
  return copied;
}

/* Everything that an entry of a layout leads to. */
static gboolean
fetch_entry_blobs (Fetch *fetch, VarveBlobs *all, const VarveDescriptor *entry, GError **error)
{
  g_autoptr (VarveBlobs) one = varve_entry_blobs_new (all, entry, error);
  g_autoptr (GHashTable) reached = one != NULL ? varve_reachable_blobs (one, error) : NULL;
  return reached != NULL && fetch_blobs (fetch, all, reached, VARVE_COPY_THIN, error);
}

static void
set_platform (VarveDescriptor *descriptor, const VarveConfig *config)
{
  if (descriptor->architecture != NULL)
    return;
  descriptor->architecture = g_strdup (config->architecture);
  descriptor->os = g_strdup (config->os);
  descriptor->variant = g_strdup (config->variant);
}

static void
reached_add (GHashTable *reached, const VarveDescriptor *blob)
{
  g_hash_table_insert (reached, g_memdup2 (&blob->digest, sizeof blob->digest),
                       g_memdup2 (&blob->size_bytes, sizeof blob->size_bytes));
}

/* containers-storage: has the layers uncompressed, so the copied image has a manifest of its own. */
static VarveDescriptor *
write_stored_manifest (Fetch *fetch, const VarveImage *image, GError **error)
{
  VarveDigest digest;
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (image->manifest);
  varve_observer_warn (
      fetch->options->observer,
      "containers-storage: keeps layers uncompressed: the copy has uncompressed layers and a different digest");
  if (!varve_layout_add_blob (fetch->layout, bytes, &digest, error))
    return NULL;
  return varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, g_bytes_get_size (bytes));
}

/* The image for one architecture, of a layout's index or of containers-storage:. */
static VarveDescriptor *
fetch_image (Fetch *fetch, const VarveReference *source, const char *architecture, GError **error)
{
  g_autoptr (VarveImage) image = varve_open_image (source, architecture, error);
  if (image == NULL)
    return NULL;
  gboolean is_stored = source->transport == VARVE_TRANSPORT_CONTAINERS_STORAGE;
  g_autoptr (GHashTable) reached
      = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, g_free);
  if (!is_stored)
    reached_add (reached, image->descriptor);
  reached_add (reached, image->manifest->config);
  for (guint i = 0; i < image->manifest->layers->len; i++)
    reached_add (reached, varve_manifest_layer (image->manifest, i));
  if (!fetch_blobs (fetch, image->blobs, reached, VARVE_COPY_WHOLE, error))
    return NULL;
  VarveDescriptor *descriptor
      = is_stored ? write_stored_manifest (fetch, image, error) : varve_descriptor_copy (image->descriptor);
  if (descriptor != NULL)
    set_platform (descriptor, image->config);
  return descriptor;
}

/* Takes the platform from the config, unless the manifest is of an artifact. */
static gboolean
find_platform (Fetch *fetch, VarveDescriptor *descriptor, GError **error)
{
  g_autoptr (VarveBlobs) all = varve_layout_blobs (fetch->layout, error);
  VarveBlobs *one = all != NULL ? varve_entry_blobs_new (all, descriptor, error) : NULL;
  if (one == NULL)
    return FALSE;
  g_autoptr (GError) no_image = NULL;
  g_autoptr (VarveImage) image = varve_image_open (one, NULL, NULL, &no_image);
  if (image != NULL)
    set_platform (descriptor, image->config);
  if (image != NULL || g_error_matches (no_image, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&no_image));
  return FALSE;
}

/* An image or artifact that skopeo reads. */
static VarveDescriptor *
fetch_proxied (Fetch *fetch, const VarveReference *source, const char *architecture, GError **error)
{
  g_autoptr (VarveBlobs) blobs = varve_open_blobs (source, architecture, error);
  if (blobs == NULL)
    return NULL;
  g_autoptr (GBytes) bytes = varve_blobs_load_index (blobs, error);
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  g_autoptr (GHashTable) reached = index != NULL ? varve_reachable_blobs (blobs, error) : NULL;
  if (reached == NULL || !fetch_blobs (fetch, blobs, reached, VARVE_COPY_WHOLE, error))
    {
      g_prefix_error (error, "'%s': ", source->text);
      return NULL;
    }
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_copy (varve_index_entry (index, 0));
  return find_platform (fetch, descriptor, error) ? g_steal_pointer (&descriptor) : NULL;
}

static VarveDescriptor *
fetch_children (Fetch *fetch, const VarveReference *source, GBytes *raw, const VarveIndex *index, GError **error)
{
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (index, i);
      g_autoptr (VarveReference) child = varve_reference_with_digest (source, &entry->digest);
      g_autoptr (VarveDescriptor) copied = fetch_proxied (fetch, child, entry->architecture, error);
      if (copied == NULL)
        return NULL;
    }
  VarveDigest digest;
  if (!varve_layout_add_blob (fetch->layout, raw, &digest, error))
    return NULL;
  return varve_descriptor_new (VARVE_MEDIA_TYPE_INDEX, &digest, g_bytes_get_size (raw));
}

static gboolean
check_requested_digest (const VarveReference *source, GBytes *raw, GError **error)
{
  VarveDigest wanted, found = varve_digest_of (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
  if (source->ref == NULL || source->ref[0] != '@')
    return TRUE;
  if (!varve_digest_from_string (source->ref + 1, &wanted, error))
    return FALSE;
  if (varve_digest_compare (&wanted, &found) == 0)
    return TRUE;
  g_autofree char *name = varve_digest_to_string (&found);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s': the content has the digest '%s'", source->text, name);
  return FALSE;
}

/* Every image of an index; the one image when the reference leads to no index. */
static VarveDescriptor *
fetch_all_images (Fetch *fetch, const VarveReference *source, GError **error)
{
  g_autoptr (GBytes) raw = varve_load_raw_manifest (source, error);
  if (raw == NULL || !check_requested_digest (source, raw, error))
    return NULL;
  g_autoptr (VarveIndex) index = varve_index_from_bytes (raw, NULL);
  return index != NULL ? fetch_children (fetch, source, raw, index, error)
                       : fetch_proxied (fetch, source, fetch->options->architecture, error);
}

static VarveDescriptor *
fetch_from_layout (Fetch *fetch, const VarveReference *source, GError **error)
{
  g_autoptr (VarveBlobs) all = varve_open_layout (source, error);
  g_autoptr (GBytes) bytes = all != NULL ? varve_blobs_load_index (all, error) : NULL;
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  const VarveDescriptor *entry = index != NULL ? varve_image_select (index, source->ref, error) : NULL;
  if (entry == NULL)
    {
      g_prefix_error (error, "'%s': ", source->text);
      return NULL;
    }
  return fetch_entry_blobs (fetch, all, entry, error) ? varve_descriptor_copy (entry) : NULL;
}

static VarveDescriptor *
fetch_descriptor (Fetch *fetch, const VarveReference *source, GError **error)
{
  if (varve_reference_is_oci (source)
      && (fetch->options->kind == VARVE_FETCH_ALL || fetch->options->architecture == NULL))
    return fetch_from_layout (fetch, source, error);
  if (fetch->options->kind == VARVE_FETCH_ALL && source->transport == VARVE_TRANSPORT_DOCKER)
    return fetch_all_images (fetch, source, error);
  if (!varve_reference_is_oci (source) && source->transport != VARVE_TRANSPORT_CONTAINERS_STORAGE)
    return fetch_proxied (fetch, source, fetch->options->architecture, error);
  return fetch_image (fetch, source, fetch->options->architecture, error);
}

VarveDescriptor *
varve_fetch_into (const VarveReference *source, VarveLayout *layout, const VarveFetchOptions *options,
                  VarveCopyCount *count, GError **error)
{
  Fetch fetch = { .options = options, .layout = layout, .count = count };
  return fetch_descriptor (&fetch, source, error);
}

/* Several images without a name stand beside one another; a single one replaces the target's. */
static gboolean
add_entry (VarveTarget *target, const VarveIndex *index, const VarveDescriptor *entry, GError **error)
{
  guint n_unnamed = 0;
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *other = varve_index_entry (index, i);
      gboolean is_named = varve_descriptor_annotation (other, VARVE_ANNOTATION_REF_NAME) != NULL;
      n_unnamed += !is_named && varve_index_is_image (other) ? 1 : 0;
    }
  const char *ref = varve_descriptor_annotation (entry, VARVE_ANNOTATION_REF_NAME);
  return ref != NULL || n_unnamed == 1 ? varve_target_add_entry (target, entry, ref, error)
                                       : varve_target_add_unnamed (target, entry, error);
}

/* Each entry of a layout, under its own ref name. */
static gboolean
fetch_entries (Fetch *fetch, VarveBlobs *all, const VarveIndex *index, VarveTarget *target, VarveFetchResult *result,
               GError **error)
{
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (index, i);
      if (!fetch_entry_blobs (fetch, all, entry, error) || !add_entry (target, index, entry, error))
        return FALSE;
      result->digest = entry->digest;
      result->n_entries++;
    }
  return varve_target_deliver (target, VARVE_ARCHIVE_THIN, fetch->options->cancellable, error);
}

static gboolean
fetch_layout (Fetch *fetch, const VarveReference *source, VarveTarget *target, VarveFetchResult *result, GError **error)
{
  g_autoptr (VarveBlobs) all = varve_open_layout (source, error);
  g_autoptr (GBytes) bytes = all != NULL ? varve_blobs_load_index (all, error) : NULL;
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  if (index == NULL)
    return FALSE;
  if (index->manifests->len > 0)
    return fetch_entries (fetch, all, index, target, result, error);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "'%s': the index has no entry", source->text);
  return FALSE;
}

static gboolean
fetch_one (Fetch *fetch, const VarveReference *source, VarveTarget *target, VarveFetchResult *result, GError **error)
{
  g_autoptr (VarveDescriptor) descriptor = fetch_descriptor (fetch, source, error);
  if (descriptor == NULL)
    return FALSE;
  result->digest = descriptor->digest;
  result->n_entries = 1;
  return varve_target_publish (target, descriptor, VARVE_ARCHIVE_THIN, fetch->options->cancellable, error);
}

gboolean
varve_fetch (const VarveReference *source, const VarveReference *target, const VarveFetchOptions *options,
             VarveFetchResult *out_result, GError **error)
{
  VarveFetchResult result = { 0 };
  gboolean is_whole_layout = varve_reference_is_oci (source) && source->ref == NULL && target->ref == NULL
                             && options->kind == VARVE_FETCH_ALL;
  g_autoptr (VarveTarget) opened = varve_target_open (target, options->observer, options->cancellable, error);
  if (opened == NULL)
    return FALSE;
  Fetch fetch = { .options = options, .layout = varve_target_layout (opened), .count = &result.count };
  gboolean fetched = is_whole_layout ? fetch_layout (&fetch, source, opened, &result, error)
                                     : fetch_one (&fetch, source, opened, &result, error);
  if (!fetched)
    return FALSE;
  *out_result = result;
  return TRUE;
}
