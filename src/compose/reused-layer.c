/* SPDX-License-Identifier: Apache-2.0 */
/* What is checked of a layer before it is reused. */
#include "compose/reused-layer.h"

#include "base/error.h"
#include "emit/decompress.h"
#include "model/image-keys.h"
#include "oci/reuse-blob.h"

static gboolean
reused_compare (const char *what, const VarveDigest *expected, const VarveDigest *actual, GError **error)
{
  if (varve_digest_compare (expected, actual) == 0)
    return TRUE;
  g_autofree char *wanted = varve_digest_to_string (expected), *found = varve_digest_to_string (actual);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "%s %s: expected %s", what, found, wanted);
  return FALSE;
}

gboolean
varve_reused_layer_check (const VarveDescriptor *layer, const VarveDigest *diff_id, GError **error)
{
  const char *noted = varve_descriptor_annotation (layer, VARVE_ANNOTATION_DIFF_ID);
  VarveDigest digest;
  if (noted == NULL)
    return TRUE;
  return varve_digest_from_string (noted, &digest, error)
         && reused_compare ("the annotation '" VARVE_ANNOTATION_DIFF_ID "' is", diff_id, &digest, error);
}

static gboolean
reused_check_blob (GInputStream *blob, const VarveDescriptor *descriptor, gpointer data, GCancellable *cancellable,
                   GError **error)
{
  const VarveDigest *diff_id = data;
  VarveDecompressed sums;
  g_autoptr (VarveDecompressor) decompressor = varve_decompressor_new (descriptor->media_type, blob, NULL, "", error);
  if (decompressor == NULL)
    return FALSE;
  varve_decompressor_set_cancellable (decompressor, cancellable);
  return varve_decompressor_finish (decompressor, &sums, error)
         && reused_compare ("the blob has the digest", &descriptor->digest, &sums.digest, error)
         && reused_compare ("the tar has the digest", diff_id, &sums.diff_id, error);
}

gboolean
varve_reused_layer_get (VarveLayout *layout, const VarvePrevious *previous, const VarveDescriptor *layer,
                        const VarveDigest *diff_id, GCancellable *cancellable, GError **error)
{
  VarveBlobCheck check = { .func = reused_check_blob, .data = (gpointer)diff_id };
  if (varve_reuse_blob (layout, previous->blobs, layer, &check, cancellable, error))
    return TRUE;
  g_autofree char *name = varve_escape (previous->name);
  if (previous->blobs == NULL)
    g_prefix_error (error, "'%s' is a manifest without blobs, and ", name);
  if (g_error_matches (*error, VARVE_ERROR, VARVE_ERROR_NOT_FOUND))
    g_prefix_error (error, "use --thin to leave out the blobs of reused layers: ");
  else if (g_error_matches (*error, VARVE_ERROR, VARVE_ERROR_CORRUPT))
    g_prefix_error (error, "repair the previous image or build without it: ");
  return FALSE;
}
