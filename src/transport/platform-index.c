/* SPDX-License-Identifier: Apache-2.0 */
/* Images in the target's own repository are not copied: manifest and config suffice. All others are copied whole. */
#include "transport/platform-index.h"

#include <string.h>

#include "base/error.h"
#include "model/image-keys.h"
#include "oci/image.h"
#include "skopeo/proxied-blobs.h"
#include "transport/entry-blobs.h"
#include "transport/fetch.h"
#include "transport/open-image.h"

typedef struct {
  const VarveReference *target;
  const VarvePlatformIndexOptions *options;
  VarveLayout *layout;
  VarveIndex *index;
  GHashTable *states; /* VarveDigest of an added image -> VarveEntryState */
} Making;

void
varve_platform_index_result_clear (VarvePlatformIndexResult *result)
{
  g_clear_pointer (&result->index, varve_index_free);
  g_clear_pointer (&result->states, g_array_unref);
}

static gboolean
is_in_target_repository (const Making *making, const VarveReference *source)
{
  return making->target->transport == VARVE_TRANSPORT_DOCKER && source->transport == VARVE_TRANSPORT_DOCKER
         && g_str_equal (making->target->path, source->path);
}

/* Adds manifest and config of an image whose layers the target has. */
static gboolean
making_add_documents (Making *making, const VarveImage *image, GError **error)
{
  VarveDigest digest;
  return varve_layout_add_blob (making->layout, image->manifest_bytes, &digest, error)
         && varve_layout_add_blob (making->layout, image->config_bytes, &digest, error);
}

/* From the config; the platform in an index may differ or be missing. */
static void
set_platform (VarveDescriptor *descriptor, const VarveConfig *config)
{
  g_free (descriptor->architecture);
  g_free (descriptor->os);
  g_free (descriptor->variant);
  descriptor->architecture = g_strdup (config->architecture);
  descriptor->os = g_strdup (config->os);
  descriptor->variant = g_strdup (config->variant);
}

/* From 1.14 on, skopeo adds this annotation when it pushes an index; with --preserve-digests it then fails, because the
 * index would change. An index that has the annotation already is pushed unchanged. */
static void
annotate_zstd (VarveDescriptor *descriptor, const VarveManifest *manifest)
{
  for (guint i = 0; i < manifest->layers->len; i++)
    if (g_str_has_suffix (varve_manifest_layer (manifest, i)->media_type, "+zstd"))
      {
        varve_descriptor_annotate (descriptor, VARVE_ANNOTATION_ZSTD, "true");
        return;
      }
}

/* Whether an image that was added in this run has the platform of @descriptor. */
static gboolean
making_has_platform (const Making *making, const VarveDescriptor *descriptor)
{
  for (guint i = 0; i < making->index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (making->index, i);
      if (g_hash_table_contains (making->states, &entry->digest) && g_strcmp0 (entry->os, descriptor->os) == 0
          && g_strcmp0 (entry->architecture, descriptor->architecture) == 0
          && g_strcmp0 (entry->variant, descriptor->variant) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
making_attests_added (const Making *making, const VarveDescriptor *entry)
{
  GHashTableIter iter;
  gpointer digest;
  g_hash_table_iter_init (&iter, making->states);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    if (varve_index_attests (entry, digest))
      return TRUE;
  return FALSE;
}

static gboolean
making_add_image (Making *making, const VarveImage *image, const VarveReference *source, GError **error)
{
  g_autoptr (VarveDescriptor) descriptor = varve_descriptor_copy (image->descriptor);
  if (descriptor->annotations != NULL)
    g_tree_remove (descriptor->annotations, VARVE_ANNOTATION_REF_NAME);
  set_platform (descriptor, image->config);
  annotate_zstd (descriptor, image->manifest);
  if (making_has_platform (making, descriptor))
    {
      g_autofree char *escaped = varve_escape (source->text);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
                   "'%s' is for '%s/%s', and so is another image: expected one image for each platform", escaped,
                   descriptor->os, descriptor->architecture);
      return FALSE;
    }
  gboolean replaced;
  if (!varve_index_set_platform (making->index, descriptor, &replaced, error))
    return FALSE;
  g_hash_table_insert (making->states, g_memdup2 (&descriptor->digest, sizeof descriptor->digest),
                       GINT_TO_POINTER (replaced ? VARVE_ENTRY_REPLACED : VARVE_ENTRY_ADDED));
  return TRUE;
}

/* Adds an image whose blobs are in the layout. */
static gboolean
making_add_from_layout (Making *making, const VarveDescriptor *descriptor, const VarveReference *source, GError **error)
{
  g_autoptr (VarveBlobs) all = varve_layout_blobs (making->layout, error);
  VarveBlobs *one = all != NULL ? varve_entry_blobs_new (all, descriptor, error) : NULL;
  g_autoptr (VarveImage) image = one != NULL ? varve_image_open (one, NULL, NULL, error) : NULL;
  return image != NULL && making_add_image (making, image, source, error);
}

static gboolean
making_add_present (Making *making, const VarveReference *source, const char *architecture, GError **error)
{
  g_autoptr (VarveImage) image = varve_open_image (source, architecture, error);
  return image != NULL && making_add_documents (making, image, error)
         && making_add_image (making, image, source, error);
}

/* Those of images that this run added. Their documents and layers are in the target already. */
static gboolean
making_add_attestations (Making *making, const VarveIndex *source, GError **error)
{
  for (guint i = 0; i < source->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (source, i);
      if (!making_attests_added (making, entry))
        continue;
      if (!varve_index_add_unnamed (making->index, entry, error))
        return FALSE;
      g_hash_table_insert (making->states, g_memdup2 (&entry->digest, sizeof entry->digest),
                           GINT_TO_POINTER (VARVE_ENTRY_ADDED));
    }
  return TRUE;
}

/* Adds manifest and config of an attestation, whose layers the target has. */
static gboolean
making_add_present_attestation (Making *making, const VarveReference *attestation, GError **error)
{
  g_autoptr (VarveImage) image = varve_open_image (attestation, NULL, error);
  return image != NULL && making_add_documents (making, image, error);
}

/* Adds the images of @source, which is in the target's own repository. */
static gboolean
making_add_all_present (Making *making, const VarveReference *source, GError **error)
{
  g_autoptr (GBytes) raw = varve_load_raw_manifest (source, error);
  if (raw == NULL)
    return FALSE;
  g_autoptr (VarveIndex) index = varve_index_from_bytes (raw, NULL);
  if (index == NULL)
    return making_add_present (making, source, NULL, error);
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (index, i);
      g_autoptr (VarveReference) child = varve_reference_with_digest (source, &entry->digest);
      if (!(varve_index_is_image (entry) ? making_add_present (making, child, entry->architecture, error)
                                         : making_add_present_attestation (making, child, error)))
        return FALSE;
    }
  return making_add_attestations (making, index, error);
}

static gboolean
making_add_copied (Making *making, const VarveReference *source, GError **error)
{
  VarveFetchOptions options = {
    .kind = VARVE_FETCH_ALL,
    .jobs = making->options->jobs,
    .observer = making->options->observer,
    .cancellable = making->options->cancellable,
  };
  VarveCopyCount count = { 0 };
  g_autoptr (VarveDescriptor) descriptor = varve_fetch_into (source, making->layout, &options, &count, error);
  if (descriptor == NULL)
    return FALSE;
  if (!varve_image_is_index (descriptor))
    return making_add_from_layout (making, descriptor, source, error);
  g_autoptr (VarveBlobs) blobs = varve_layout_blobs (making->layout, error);
  g_autoptr (GBytes) bytes
      = blobs != NULL ? varve_blobs_load (blobs, descriptor, VARVE_DOCUMENT_MAX_BYTES, error) : NULL;
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  for (guint i = 0; index != NULL && i < index->manifests->len; i++)
    if (varve_index_is_image (varve_index_entry (index, i))
        && !making_add_from_layout (making, varve_index_entry (index, i), source, error))
      return FALSE;
  return index != NULL && making_add_attestations (making, index, error);
}

/* The index that the target's ref names now; leaves making->index NULL when that is not an index. */
static gboolean
making_load_from_layout (Making *making, GError **error)
{
  g_autoptr (VarveBlobs) blobs = varve_layout_blobs (making->layout, error);
  g_autoptr (GBytes) bytes = blobs != NULL ? varve_blobs_load_index (blobs, error) : NULL;
  g_autoptr (VarveIndex) top = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  if (top == NULL)
    return FALSE;
  const VarveDescriptor *entry = varve_image_select (top, making->target->ref, NULL);
  if (entry == NULL || !varve_image_is_index (entry))
    return TRUE;
  g_autoptr (GBytes) former = varve_blobs_load (blobs, entry, VARVE_DOCUMENT_MAX_BYTES, error);
  making->index = former != NULL ? varve_index_from_bytes (former, error) : NULL;
  return making->index != NULL;
}

static gboolean
making_load_from_registry (Making *making, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) raw = varve_load_raw_manifest (making->target, &failure);
  if (raw == NULL && g_error_matches (failure, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    return TRUE;
  if (raw == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  making->index = varve_index_from_bytes (raw, NULL);
  for (guint i = 0; making->index != NULL && i < making->index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (making->index, i);
      g_autoptr (VarveReference) child = varve_reference_with_digest (making->target, &entry->digest);
      g_autoptr (VarveImage) image = varve_open_image (child, entry->architecture, error);
      if (image == NULL || !making_add_documents (making, image, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
making_load_former (Making *making, GError **error)
{
  gboolean loaded = TRUE;
  if (making->options->mode == VARVE_INDEX_ADD && making->target->transport == VARVE_TRANSPORT_DOCKER)
    loaded = making_load_from_registry (making, error);
  else if (making->options->mode == VARVE_INDEX_ADD && varve_reference_is_oci (making->target))
    loaded = making_load_from_layout (making, error);
  if (loaded && making->index == NULL)
    making->index = varve_index_new ();
  return loaded;
}

static gboolean
making_annotate (Making *making, GError **error)
{
  const char *const *annotations = making->options->annotations;
  for (guint i = 0; annotations != NULL && annotations[i] != NULL; i++)
    {
      const char *equal = strchr (annotations[i], '=');
      g_autofree char *key = equal != NULL ? g_strndup (annotations[i], (gsize)(equal - annotations[i])) : NULL;
      if (key == NULL || key[0] == '\0')
        {
          g_autofree char *escaped = varve_escape (annotations[i]);
          g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "annotation '%s': expected KEY=VALUE", escaped);
          return FALSE;
        }
      varve_index_annotate (making->index, key, equal + 1);
    }
  return TRUE;
}

static gboolean
making_run (Making *making, const GPtrArray *sources, GError **error)
{
  if (!making_load_former (making, error))
    return FALSE;
  for (guint i = 0; i < sources->len; i++)
    {
      const VarveReference *source = g_ptr_array_index (sources, i);
      gboolean added = is_in_target_repository (making, source) ? making_add_all_present (making, source, error)
                                                                : making_add_copied (making, source, error);
      if (!added)
        return FALSE;
    }
  return making_annotate (making, error);
}

static gboolean
making_publish (Making *making, VarveTarget *target, VarveDigest *out_digest, GError **error)
{
  g_autoptr (GBytes) bytes = varve_index_to_bytes (making->index);
  if (!varve_layout_add_blob (making->layout, bytes, out_digest, error))
    return FALSE;
  g_autoptr (VarveDescriptor) descriptor
      = varve_descriptor_new (VARVE_MEDIA_TYPE_INDEX, out_digest, g_bytes_get_size (bytes));
  return varve_target_publish (target, descriptor, VARVE_ARCHIVE_THIN, making->options->cancellable, error);
}

static GArray *
making_list_states (const Making *making)
{
  GArray *states = g_array_new (FALSE, TRUE, sizeof (VarveEntryState));
  for (guint i = 0; i < making->index->manifests->len; i++)
    {
      VarveEntryState state = (VarveEntryState)GPOINTER_TO_INT (
          g_hash_table_lookup (making->states, &varve_index_entry (making->index, i)->digest));
      g_array_append_val (states, state);
    }
  return states;
}

gboolean
varve_platform_index (const GPtrArray *sources, const VarveReference *target, const VarvePlatformIndexOptions *options,
                      VarvePlatformIndexResult *out_result, GError **error)
{
  g_autoptr (VarveTarget) opened = varve_target_open (target, options->observer, options->cancellable, error);
  if (opened == NULL)
    return FALSE;
  g_autoptr (GHashTable) states
      = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  Making making = {
    .target = target,
    .options = options,
    .layout = varve_target_layout (opened),
    .states = states,
  };
  VarveDigest digest;
  gboolean made = making_run (&making, sources, error) && making_publish (&making, opened, &digest, error);
  g_autoptr (VarveIndex) index = making.index;
  if (!made)
    return FALSE;
  *out_result = (VarvePlatformIndexResult){ .digest = digest,
                                            .states = making_list_states (&making),
                                            .index = g_steal_pointer (&index) };
  return TRUE;
}
