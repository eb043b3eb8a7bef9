/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and checks the manifest of a delta artifact, and makes one. */
#include "delta/artifact.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

enum { JSON_MAX_BYTES = 1 << 20 };

#define CONTENT_MANIFEST "image-manifest"
#define CONTENT_CONFIG "image-config"
#define CONTENT_LAYER "image-layer"

const char *
varve_delta_entry_kind_to_string (VarveDeltaEntryKind kind)
{
  static const char *const NAMES[] = { "tar-diff", "varve", "layer" };
  return NAMES[kind];
}

void
varve_delta_free (VarveDelta *delta)
{
  g_clear_pointer (&delta->blobs, varve_blobs_free);
  g_clear_pointer (&delta->descriptor, varve_descriptor_free);
  g_clear_pointer (&delta->manifest, varve_manifest_free);
  g_clear_pointer (&delta->target_descriptor, varve_descriptor_free);
  g_clear_pointer (&delta->target_bytes, g_bytes_unref);
  g_clear_pointer (&delta->target, varve_manifest_free);
  g_clear_pointer (&delta->config_bytes, g_bytes_unref);
  g_clear_pointer (&delta->config, varve_config_free);
  g_clear_pointer (&delta->entries, g_array_unref);
  g_clear_pointer (&delta->reused, g_hash_table_unref);
  g_free (delta);
}

static gboolean
artifact_set_corrupt (GError **error, const char *message)
{
  g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, message);
  return FALSE;
}

static const VarveDescriptor *
manifest_find_content (const VarveManifest *manifest, const char *content)
{
  for (guint i = 0; i < manifest->layers->len; i++)
    if (g_strcmp0 (varve_descriptor_annotation (varve_manifest_layer (manifest, i), VARVE_DELTA_CONTENT), content) == 0)
      return varve_manifest_layer (manifest, i);
  return NULL;
}

static gboolean
load_manifest (VarveDelta *delta, const char *ref, GError **error)
{
  delta->descriptor = varve_image_resolve (delta->blobs, ref, NULL, error);
  g_autoptr (GBytes) bytes = delta->descriptor != NULL
                                 ? varve_blobs_load (delta->blobs, delta->descriptor, VARVE_DOCUMENT_MAX_BYTES, error)
                                 : NULL;
  delta->manifest = bytes != NULL ? varve_manifest_from_bytes (bytes, error) : NULL;
  if (delta->manifest == NULL)
    return FALSE;
  if (g_strcmp0 (delta->manifest->artifact_type, VARVE_DELTA_ARTIFACT_TYPE) == 0)
    return TRUE;
  g_autofree char *found
      = varve_escape (delta->manifest->artifact_type != NULL ? delta->manifest->artifact_type : "none");
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "not a delta: its artifact type is '%s', expected '%s'",
               found, VARVE_DELTA_ARTIFACT_TYPE);
  return FALSE;
}

/* Other appliers and registries find the delta by its subject or its annotation. */
static gboolean
check_target_named (const VarveDelta *delta, GError **error)
{
  const VarveDescriptor *subject = delta->manifest->subject;
  const VarveDescriptor *target = delta->target_descriptor;
  const char *text = varve_string_map_get (delta->manifest->annotations, VARVE_DELTA_TARGET);
  VarveDigest named = target->digest;
  if (text != NULL && !varve_digest_from_string (text, &named, error))
    return FALSE;
  gboolean is_subject
      = subject == NULL
        || (varve_digest_compare (&subject->digest, &target->digest) == 0 && subject->size_bytes == target->size_bytes);
  if (is_subject && varve_digest_compare (&named, &target->digest) == 0)
    return TRUE;
  g_autofree char *found = varve_digest_to_string (is_subject ? &named : &subject->digest),
                  *expected = varve_digest_to_string (&target->digest);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT,
               "the delta's %s is %s, expected %s, the manifest that it contains", is_subject ? "target" : "subject",
               found, expected);
  return FALSE;
}

static gboolean
load_target (VarveDelta *delta, GError **error)
{
  const VarveDescriptor *manifest = manifest_find_content (delta->manifest, CONTENT_MANIFEST),
                        *config = manifest_find_content (delta->manifest, CONTENT_CONFIG);
  if (manifest == NULL || config == NULL)
    return artifact_set_corrupt (error, "the delta has no entry for the target's manifest or config");
  delta->target_descriptor = varve_descriptor_new (manifest->media_type, &manifest->digest, manifest->size_bytes);
  delta->target_bytes = varve_blobs_load (delta->blobs, manifest, VARVE_DOCUMENT_MAX_BYTES, error);
  delta->target = delta->target_bytes != NULL ? varve_manifest_from_bytes (delta->target_bytes, error) : NULL;
  if (delta->target == NULL || !check_target_named (delta, error))
    return FALSE;
  if (varve_digest_compare (&delta->target->config->digest, &config->digest) != 0)
    return artifact_set_corrupt (error, "the delta's config and the target's manifest disagree on the config's digest");
  delta->config_bytes = varve_blobs_load (delta->blobs, config, VARVE_CONFIG_MAX_BYTES, error);
  delta->config = delta->config_bytes != NULL ? varve_config_from_bytes (delta->config_bytes, error) : NULL;
  if (delta->config == NULL)
    return FALSE;
  return delta->config->diff_ids->len == delta->target->layers->len
         || artifact_set_corrupt (error, "the target's config and manifest disagree on the number of layers");
}

/* A JSON array of digests in an annotation. */
static gboolean
load_reused (VarveDelta *delta, GError **error)
{
  const char *text = varve_string_map_get (delta->manifest->annotations, VARVE_DELTA_REUSED_DIFF_ID);
  delta->reused = g_hash_table_new_full (varve_digest_table_hash, varve_digest_table_equal, g_free, NULL);
  if (text == NULL)
    return TRUE;
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (json_object) list = varve_json_parse (bytes, JSON_MAX_BYTES, error);
  if (list == NULL)
    return FALSE;
  if (!json_object_is_type (list, json_type_array))
    return artifact_set_corrupt (error, "the reused diff IDs are not a JSON array");
  for (gsize i = 0; i < json_object_array_length (list); i++)
    {
      json_object *item = json_object_array_get_idx (list, i);
      VarveDigest digest;
      if (!json_object_is_type (item, json_type_string))
        return artifact_set_corrupt (error, "a reused diff ID is not a string");
      if (!varve_digest_from_string (json_object_get_string (item), &digest, error))
        return FALSE;
      g_hash_table_add (delta->reused, g_memdup2 (&digest, sizeof digest));
    }
  return TRUE;
}

/* FALSE for unknown content. */
static gboolean
entry_kind (const VarveDescriptor *descriptor, VarveDeltaEntryKind *out_kind)
{
  const char *content = varve_descriptor_annotation (descriptor, VARVE_DELTA_CONTENT);
  if (g_strcmp0 (content, VARVE_DELTA_CONTENT_OWN_LAYER) == 0)
    *out_kind = VARVE_DELTA_ENTRY_VARVE;
  else
    *out_kind = g_str_equal (descriptor->media_type, VARVE_DELTA_TARDIFF_TYPE) ? VARVE_DELTA_ENTRY_TARDIFF
                                                                               : VARVE_DELTA_ENTRY_LAYER;
  return g_strcmp0 (content, CONTENT_LAYER) == 0
         || (g_strcmp0 (content, VARVE_DELTA_CONTENT_OWN_LAYER) == 0
             && g_str_equal (descriptor->media_type, VARVE_DELTA_VARVE_TYPE));
}

static gboolean
load_entries (VarveDelta *delta, GError **error)
{
  delta->entries = g_array_new (FALSE, FALSE, sizeof (VarveDeltaEntry));
  for (guint i = 0; i < delta->manifest->layers->len; i++)
    {
      VarveDigest to;
      VarveDeltaEntry entry = { .descriptor = varve_manifest_layer (delta->manifest, i) };
      if (!entry_kind (entry.descriptor, &entry.kind))
        continue;
      const char *text = varve_descriptor_annotation (entry.descriptor, VARVE_DELTA_TO);
      if (text == NULL)
        return artifact_set_corrupt (error, "an entry does not name its layer");
      if (!varve_digest_from_string (text, &to, error))
        return FALSE;
      gboolean is_known = FALSE;
      for (entry.layer = 0; entry.layer < delta->target->layers->len; entry.layer++)
        if (varve_digest_compare (&varve_manifest_layer (delta->target, entry.layer)->digest, &to) == 0)
          {
            is_known = TRUE;
            if (varve_delta_find (delta, entry.layer, entry.kind) == NULL)
              g_array_append_val (delta->entries, entry);
          }
      if (!is_known)
        return artifact_set_corrupt (error, "an entry names a layer that the target does not have");
    }
  return TRUE;
}

VarveDelta *
varve_delta_open (VarveBlobs *blobs, const char *ref, GError **error)
{
  g_autoptr (VarveDelta) delta = g_new0 (VarveDelta, 1);
  delta->blobs = blobs;
  if (!load_manifest (delta, ref, error) || !load_target (delta, error) || !load_reused (delta, error)
      || !load_entries (delta, error))
    return NULL;
  const char *config = varve_string_map_get (delta->manifest->annotations, VARVE_DELTA_SOURCE_CONFIG);
  if (config == NULL)
    {
      artifact_set_corrupt (error, "the delta does not name its source image");
      return NULL;
    }
  return varve_digest_from_string (config, &delta->source_config, error) ? g_steal_pointer (&delta) : NULL;
}

gboolean
varve_delta_is_between (const VarveDelta *delta, const VarveImage *source, const VarveImage *target)
{
  return varve_digest_compare (&delta->source_config, &source->manifest->config->digest) == 0
         && varve_digest_compare (&delta->target_descriptor->digest, &target->descriptor->digest) == 0;
}

gboolean
varve_delta_check_blobs (const VarveDelta *delta, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < delta->manifest->layers->len; i++)
    if (!varve_blobs_stream (delta->blobs, varve_manifest_layer (delta->manifest, i), NULL, NULL, cancellable, error))
      return FALSE;
  return TRUE;
}

const VarveDeltaEntry *
varve_delta_find (const VarveDelta *delta, guint layer, VarveDeltaEntryKind kind)
{
  for (guint i = 0; i < delta->entries->len; i++)
    {
      const VarveDeltaEntry *entry = &g_array_index (delta->entries, VarveDeltaEntry, i);
      if (entry->layer == layer && entry->kind == kind)
        return entry;
    }
  return NULL;
}

static void
manifest_annotate_digest (VarveManifest *manifest, const char *key, const VarveDigest *digest)
{
  g_autofree char *text = varve_digest_to_string (digest);
  varve_manifest_annotate (manifest, key, text);
}

static void
manifest_annotate_list (VarveManifest *manifest, const char *key, json_object *list)
{
  if (json_object_array_length (list) == 0)
    return;
  g_autofree char *text = varve_json_to_canonical (list);
  varve_manifest_annotate (manifest, key, text);
}

static void
manifest_annotate_reused (VarveManifest *manifest, const VarveDeltaEnds *ends)
{
  g_autoptr (json_object) digests = json_object_new_array ();
  g_autoptr (json_object) diff_ids = json_object_new_array ();
  for (guint i = 0; i < ends->target_config->diff_ids->len; i++)
    if (ends->reused[i])
      {
        g_autofree char *digest = varve_digest_to_string (&varve_manifest_layer (ends->target_manifest, i)->digest);
        g_autofree char *diff_id = varve_digest_to_string (varve_config_diff_id (ends->target_config, i));
        json_object_array_add (digests, json_object_new_string (digest));
        json_object_array_add (diff_ids, json_object_new_string (diff_id));
      }
  manifest_annotate_list (manifest, VARVE_DELTA_REUSED, digests);
  manifest_annotate_list (manifest, VARVE_DELTA_REUSED_DIFF_ID, diff_ids);
}

static void
manifest_add_content (VarveManifest *manifest, const char *media_type, const VarveDigest *digest, guint64 size_bytes,
                      const char *content)
{
  VarveDescriptor *descriptor = varve_descriptor_new (media_type, digest, size_bytes);
  varve_descriptor_annotate (descriptor, VARVE_DELTA_CONTENT, content);
  g_ptr_array_add (manifest->layers, descriptor);
}

VarveManifest *
varve_delta_manifest_new (const VarveDeltaEnds *ends)
{
  VarveManifest *manifest = varve_manifest_new ();
  VarveDigest empty = varve_digest_of (VARVE_EMPTY_CONTENT, strlen (VARVE_EMPTY_CONTENT));
  const VarveDescriptor *target = ends->target, *config = ends->target_manifest->config;
  manifest->artifact_type = g_strdup (VARVE_DELTA_ARTIFACT_TYPE);
  manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_EMPTY, &empty, strlen (VARVE_EMPTY_CONTENT));
  manifest->subject = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &target->digest, target->size_bytes);
  manifest_annotate_digest (manifest, VARVE_DELTA_TARGET, &target->digest);
  if (ends->source != NULL)
    varve_manifest_annotate (manifest, VARVE_DELTA_SOURCE, ends->source);
  manifest_annotate_digest (manifest, VARVE_DELTA_SOURCE_CONFIG, &ends->source_config);
  if (ends->source_commit != NULL)
    varve_manifest_annotate (manifest, VARVE_DELTA_SOURCE_COMMIT, ends->source_commit);
  manifest_annotate_reused (manifest, ends);
  manifest_add_content (manifest, VARVE_MEDIA_TYPE_MANIFEST, &target->digest, target->size_bytes, CONTENT_MANIFEST);
  manifest_add_content (manifest, VARVE_MEDIA_TYPE_CONFIG, &config->digest, config->size_bytes, CONTENT_CONFIG);
  return manifest;
}

VarveDescriptor *
varve_delta_manifest_add (VarveManifest *manifest, VarveDeltaEntryKind kind, const VarveDescriptor *layer,
                          const char *media_type, const VarveDigest *digest, guint64 size_bytes)
{
  g_autofree char *to = varve_digest_to_string (&layer->digest);
  manifest_add_content (manifest, media_type, digest, size_bytes,
                        kind == VARVE_DELTA_ENTRY_VARVE ? VARVE_DELTA_CONTENT_OWN_LAYER : CONTENT_LAYER);
  VarveDescriptor *entry = manifest->layers->pdata[manifest->layers->len - 1];
  varve_descriptor_annotate (entry, VARVE_DELTA_TO, to);
  return entry;
}

static guint64
entry_number (const VarveDescriptor *entry, const char *key)
{
  const char *text = varve_descriptor_annotation (entry, key);
  guint64 value;
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &value, NULL) ? value : 0;
}

/* Whether a client takes another entry of the same layer. */
static gboolean
is_surpassed (const VarveManifest *manifest, guint index)
{
  const VarveDescriptor *entry = varve_manifest_layer (manifest, index);
  const char *to = varve_descriptor_annotation (entry, VARVE_DELTA_TO);
  for (guint i = 0; to != NULL && i < manifest->layers->len; i++)
    {
      const VarveDescriptor *other = varve_manifest_layer (manifest, i);
      if (g_strcmp0 (varve_descriptor_annotation (other, VARVE_DELTA_TO), to) == 0
          && (other->size_bytes < entry->size_bytes || (other->size_bytes == entry->size_bytes && i < index)))
        return TRUE;
    }
  return FALSE;
}

static void
manifest_annotate_number (VarveManifest *manifest, const char *key, guint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  varve_manifest_annotate (manifest, key, text);
}

void
varve_delta_manifest_annotate_costs (VarveManifest *manifest)
{
  guint64 download_bytes = 0, seconds = 0, memory_bytes = 0;
  for (guint i = 0; i < manifest->layers->len; i++)
    {
      const VarveDescriptor *entry = varve_manifest_layer (manifest, i);
      if (is_surpassed (manifest, i))
        continue;
      download_bytes += entry->size_bytes;
      seconds += entry_number (entry, VARVE_DELTA_SECONDS);
      memory_bytes = MAX (memory_bytes, entry_number (entry, VARVE_DELTA_MEMORY));
    }
  manifest_annotate_number (manifest, VARVE_DELTA_DOWNLOAD, download_bytes);
  manifest_annotate_number (manifest, VARVE_DELTA_SECONDS, seconds);
  manifest_annotate_number (manifest, VARVE_DELTA_MEMORY, memory_bytes);
}
