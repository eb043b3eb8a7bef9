/* SPDX-License-Identifier: Apache-2.0 */
/* Selecting one image of an index. */
#include "oci/image.h"

#include "base/error.h"
#include "oci/architecture.h"

enum { LISTED_MAX = 10 };

void
varve_image_free (VarveImage *image)
{
  g_clear_pointer (&image->descriptor, varve_descriptor_free);
  g_clear_pointer (&image->manifest_bytes, g_bytes_unref);
  g_clear_pointer (&image->manifest, varve_manifest_free);
  g_clear_pointer (&image->config_bytes, g_bytes_unref);
  g_clear_pointer (&image->config, varve_config_free);
  g_clear_pointer (&image->blobs, varve_blobs_free);
  g_free (image);
}

static void
append_name (GString *list, const VarveDescriptor *entry, guint position)
{
  const char *name = varve_descriptor_annotation (entry, VARVE_ANNOTATION_REF_NAME);
  g_autofree char *escaped = name != NULL ? varve_escape (name) : g_strdup_printf ("@%u", position);
  g_string_append_printf (list, "%s'%s'", list->len > 0 ? ", " : "", escaped);
  if (name == NULL && entry->architecture != NULL)
    {
      g_autofree char *architecture = varve_escape (entry->architecture);
      g_string_append_printf (list, " (%s)", architecture);
    }
}

/* "'a', '@1' (amd64)" or "none", for messages. */
static char *
list_refs (const VarveIndex *index)
{
  g_autoptr (GString) list = g_string_new (NULL);
  guint n = 0, n_images = varve_index_count_images (index);
  for (guint i = 0; i < index->manifests->len && n < LISTED_MAX; i++)
    if (varve_index_is_image (varve_index_entry (index, i)))
      {
        append_name (list, varve_index_entry (index, i), i);
        n++;
      }
  if (n < n_images)
    g_string_append_printf (list, " and %u more", n_images - n);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static void
set_no_image (const VarveIndex *index, const char *ref, GError **error)
{
  g_autofree char *list = list_refs (index);
  g_autofree char *escaped = varve_escape (ref);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "no image '%s': found %s", escaped,
               list[0] != '\0' ? list : "none");
}

static const VarveDescriptor *
find_digest (const VarveIndex *index, const VarveDigest *digest)
{
  for (guint i = 0; i < index->manifests->len; i++)
    if (varve_digest_compare (&varve_index_entry (index, i)->digest, digest) == 0)
      return varve_index_entry (index, i);
  return NULL;
}

const VarveDescriptor *
varve_image_select (const VarveIndex *index, const char *ref, GError **error)
{
  if (ref == NULL && varve_index_only_image (index) != NULL)
    return varve_index_only_image (index);
  if (ref == NULL && index->manifests->len == 0)
    {
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "the index has no image");
      return NULL;
    }
  if (ref == NULL)
    {
      g_autofree char *list = list_refs (index);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "the index has %u images: name one of %s",
                   varve_index_count_images (index), list);
      return NULL;
    }
  guint64 position;
  VarveDigest digest;
  const VarveDescriptor *entry;
  if (ref[0] != '@')
    entry = varve_index_find_ref (index, ref);
  else if (varve_digest_from_string (ref + 1, &digest, NULL))
    entry = find_digest (index, &digest);
  else if (g_ascii_string_to_unsigned (ref + 1, 10, 0, VARVE_DOCUMENT_MAX_ENTRIES, &position, NULL))
    entry = position < index->manifests->len ? varve_index_entry (index, (guint)position) : NULL;
  else
    entry = NULL;
  if (entry == NULL)
    set_no_image (index, ref, error);
  return entry;
}

gboolean
varve_image_is_index (const VarveDescriptor *descriptor)
{
  return g_str_equal (descriptor->media_type, VARVE_MEDIA_TYPE_INDEX)
         || g_str_equal (descriptor->media_type, VARVE_MEDIA_TYPE_INDEX_DOCKER);
}

static char *
list_platforms (const VarveIndex *index)
{
  g_autoptr (GString) list = g_string_new (NULL);
  guint n = 0;
  for (guint i = 0; i < index->manifests->len; i++)
    {
      const VarveDescriptor *entry = varve_index_entry (index, i);
      if (!varve_index_is_image (entry) || n++ >= LISTED_MAX)
        continue;
      g_autofree char *os = varve_escape (entry->os != NULL ? entry->os : "linux");
      g_autofree char *architecture = varve_escape (entry->architecture != NULL ? entry->architecture : "unknown");
      g_string_append_printf (list, "%s'%s/%s'", list->len > 0 ? ", " : "", os, architecture);
    }
  g_string_append (list, n > LISTED_MAX ? ", …" : "");
  return g_string_free (g_steal_pointer (&list), FALSE);
}

/* A NULL @architecture is that of this machine, or that of the only image. */
static const VarveDescriptor *
select_platform (const VarveIndex *index, const char *architecture, GError **error)
{
  const char *wanted = architecture != NULL ? architecture : varve_architecture_host ();
  const VarveDescriptor *entry = varve_index_find_platform (index, wanted, NULL),
                        *only = varve_index_only_image (index);
  if (entry == NULL && only != NULL && (architecture == NULL || only->architecture == NULL))
    entry = only;
  if (entry != NULL)
    return entry;
  g_autofree char *list = list_platforms (index);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND, "no image for 'linux/%s': found %s", wanted,
               list[0] != '\0' ? list : "none");
  return NULL;
}

VarveDescriptor *
varve_image_resolve (VarveBlobs *blobs, const char *ref, const char *architecture, GError **error)
{
  g_autoptr (GBytes) top_bytes = varve_blobs_load_index (blobs, error);
  g_autoptr (VarveIndex) top = top_bytes != NULL ? varve_index_from_bytes (top_bytes, error) : NULL;
  if (top == NULL)
    {
      g_prefix_error (error, "index.json: ");
      return NULL;
    }
  const VarveDescriptor *entry = varve_image_select (top, ref, error);
  if (entry == NULL)
    return NULL;
  if (!varve_image_is_index (entry))
    return varve_descriptor_copy (entry);
  g_autoptr (GBytes) bytes = varve_blobs_load (blobs, entry, VARVE_DOCUMENT_MAX_BYTES, error);
  g_autoptr (VarveIndex) index = bytes != NULL ? varve_index_from_bytes (bytes, error) : NULL;
  const VarveDescriptor *inner = index != NULL ? select_platform (index, architecture, error) : NULL;
  if (inner == NULL)
    return NULL;
  if (!varve_image_is_index (inner))
    return varve_descriptor_copy (inner);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED, "indexes nested more than two deep: expected a manifest");
  return NULL;
}

static gboolean
check_config_type (const VarveImage *image, GError **error)
{
  const char *media_type = image->manifest->config->media_type;
  if (g_str_equal (media_type, VARVE_MEDIA_TYPE_CONFIG) || g_str_equal (media_type, VARVE_MEDIA_TYPE_CONFIG_DOCKER))
    return TRUE;
  g_autofree char *escaped = varve_escape (media_type);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_UNSUPPORTED,
               "not an image: the config's media type is '%s': expected '%s'", escaped, VARVE_MEDIA_TYPE_CONFIG);
  return FALSE;
}

static gboolean
load_image (VarveImage *image, GError **error)
{
  image->manifest_bytes = varve_blobs_load (image->blobs, image->descriptor, VARVE_DOCUMENT_MAX_BYTES, error);
  if (image->manifest_bytes == NULL)
    return FALSE;
  image->manifest = varve_manifest_from_bytes (image->manifest_bytes, error);
  if (image->manifest == NULL || !check_config_type (image, error))
    return FALSE;
  image->config_bytes = varve_blobs_load (image->blobs, image->manifest->config, VARVE_CONFIG_MAX_BYTES, error);
  if (image->config_bytes == NULL)
    return FALSE;
  image->config = varve_config_from_bytes (image->config_bytes, error);
  if (image->config == NULL)
    return FALSE;
  if (image->manifest->layers->len == 0)
    {
      g_set_error_literal (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the manifest has no layers");
      return FALSE;
    }
  if (image->config->diff_ids->len == image->manifest->layers->len)
    return TRUE;
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "the config has %u diff IDs: expected %u, one for each layer",
               image->config->diff_ids->len, image->manifest->layers->len);
  return FALSE;
}

VarveImage *
varve_image_open (VarveBlobs *blobs, const char *ref, const char *architecture, GError **error)
{
  g_autoptr (VarveImage) image = g_new0 (VarveImage, 1);
  image->blobs = blobs;
  image->descriptor = varve_image_resolve (blobs, ref, architecture, error);
  if (image->descriptor == NULL)
    return NULL;
  if (!load_image (image, error))
    {
      g_autofree char *digest = varve_digest_to_string (&image->descriptor->digest);
      g_prefix_error (error, "image '%s': ", digest);
      return NULL;
    }
  return g_steal_pointer (&image);
}
