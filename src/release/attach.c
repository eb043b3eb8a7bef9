/* SPDX-License-Identifier: Apache-2.0 */
/* The artifact is made in a layout in a temporary folder, from which it is pushed like any image. */
#include "release/attach.h"

#include <string.h>

#include "base/temporary-folder.h"
#include "model/image-keys.h"
#include "oci/layout.h"
#include "transport/push.h"
#include "transport/referrers.h"

typedef struct {
  VarveTempfile *file;
  VarveHash *hash;
  guint64 size_bytes;
} Blob;

static gboolean
write_blob (gpointer data, const void *bytes, gsize size_bytes, GError **error)
{
  Blob *blob = data;
  varve_hash_update (blob->hash, bytes, size_bytes);
  blob->size_bytes += size_bytes;
  return varve_tempfile_write (blob->file, bytes, size_bytes, error);
}

static VarveDescriptor *
add_document (VarveLayout *layout, const VarveSbom *sbom, VarveSbomFormat format, GError **error)
{
  g_autoptr (VarveTempfile) file = varve_tempfile_new (varve_layout_blobs_fd (layout), error);
  g_autoptr (VarveHash) hash = varve_hash_new ();
  Blob blob = { .file = file, .hash = hash };
  VarveSink sink = { .write = write_blob, .data = &blob };
  if (file == NULL || !varve_sbom_write (sbom, format, &sink, error))
    return NULL;
  VarveDigest digest = varve_hash_finish (hash);
  if (!varve_layout_publish_blob (layout, file, &digest, blob.size_bytes, error))
    return NULL;
  return varve_descriptor_new (varve_sbom_media_type (format), &digest, blob.size_bytes);
}

static VarveManifest *
make_manifest (VarveLayout *layout, const VarveSbom *sbom, VarveSbomFormat format, const VarveImage *image,
               GError **error)
{
  g_autoptr (GBytes) empty = g_bytes_new_static (VARVE_EMPTY_CONTENT, strlen (VARVE_EMPTY_CONTENT));
  g_autoptr (VarveManifest) manifest = varve_manifest_new ();
  g_autofree char *time = varve_sbom_format_time (sbom);
  const VarveDescriptor *subject = image->descriptor;
  VarveDigest config;
  VarveDescriptor *document = add_document (layout, sbom, format, error);
  if (document == NULL)
    return NULL;
  g_ptr_array_add (manifest->layers, document);
  if (!varve_layout_add_blob (layout, empty, &config, error))
    return NULL;
  manifest->config = varve_descriptor_new (VARVE_MEDIA_TYPE_EMPTY, &config, strlen (VARVE_EMPTY_CONTENT));
  manifest->artifact_type = g_strdup (varve_sbom_media_type (format));
  manifest->subject = varve_descriptor_new (subject->media_type, &subject->digest, subject->size_bytes);
  varve_manifest_annotate (manifest, VARVE_ANNOTATION_CREATED, time);
  return g_steal_pointer (&manifest);
}

/* The entry in the list of referrers. */
static VarveDescriptor *
write_artifact (const char *path, const VarveSbom *sbom, VarveSbomFormat format, const VarveImage *image,
                VarveObserver *observer, GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveLayout) layout = varve_layout_open (path, observer, cancellable, error);
  g_autoptr (VarveManifest) manifest = layout != NULL ? make_manifest (layout, sbom, format, image, error) : NULL;
  if (manifest == NULL)
    return NULL;
  g_autoptr (GBytes) bytes = varve_manifest_to_bytes (manifest);
  VarveDigest digest;
  if (!varve_layout_add_blob (layout, bytes, &digest, error))
    return NULL;
  g_autoptr (VarveDescriptor) entry
      = varve_descriptor_new (VARVE_MEDIA_TYPE_MANIFEST, &digest, g_bytes_get_size (bytes));
  if (!varve_layout_publish (layout, entry, "sbom", error))
    return NULL;
  return varve_manifest_referrer (manifest, &digest, entry->size_bytes);
}

static gboolean
list_artifact (const VarveReference *reference, const VarveImage *image, const VarveDescriptor *entry,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify)varve_referrers_change_free);
  VarveReferrersChange *change = varve_referrers_change_new (&image->descriptor->digest);
  g_ptr_array_add (changes, change);
  varve_referrers_change_add (change, entry);
  return varve_referrers_apply (reference, change, error)
         && varve_referrers_settle (reference, changes, cancellable, error);
}

gboolean
varve_sbom_attach (const VarveSbom *sbom, VarveSbomFormat format, const VarveImage *image,
                   const VarveReference *reference, VarveObserver *observer, VarveDigest *out_digest,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (VarveTemporaryFolder) folder = varve_temporary_folder_new (NULL, error);
  if (folder == NULL)
    return FALSE;
  g_autofree char *path = g_build_filename (varve_temporary_folder_path (folder), "sbom", NULL);
  g_autoptr (VarveReference) place = varve_reference_in_folder (path, "sbom", error);
  g_autoptr (VarveDescriptor) entry
      = place != NULL ? write_artifact (path, sbom, format, image, observer, cancellable, error) : NULL;
  if (entry == NULL)
    return FALSE;
  g_autoptr (VarveReference) exact = varve_reference_with_digest (reference, &entry->digest);
  VarvePushOptions options = { .step = VARVE_PUSH_CONTENT };
  g_auto (VarvePushResult) pushed = { 0 };
  if (!varve_push (place, exact, &options, &pushed, cancellable, error)
      || !list_artifact (reference, image, entry, cancellable, error))
    return FALSE;
  *out_digest = entry->digest;
  return TRUE;
}
