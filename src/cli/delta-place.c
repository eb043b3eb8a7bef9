/* SPDX-License-Identifier: Apache-2.0 */
/* How the verbs of `varve delta` and prefetch read a name: without a transport, it is the path of an archive. */
#include "cli/delta-place.h"

#include <string.h>

#include "base/error.h"

VarveReference *
varve_delta_place_parse (const VarveImageOptions *images, VarveSession *session, VarveSide side, const char *text,
                         GError **error)
{
  g_autofree char *archive = NULL;
  const char *colon = strchr (text, ':'), *slash = strchr (text, '/');
  if (colon == NULL || (slash != NULL && slash < colon))
    archive = g_strconcat ("oci-archive:", text, NULL);
  return varve_image_options_parse (images, session, side, archive != NULL ? archive : text, error);
}

VarveImage *
varve_delta_place_open_image (const VarveImageOptions *images, VarveSession *session, const char *text,
                              const char *architecture, GError **error)
{
  g_autoptr (VarveReference) reference = varve_delta_place_parse (images, session, VARVE_SIDE_SOURCE, text, error);
  return reference != NULL ? varve_open_image (reference, architecture, error) : NULL;
}

VarveDelta *
varve_delta_place_open (const VarveImageOptions *images, VarveSession *session, VarveSide side, const char *text,
                        GError **error)
{
  g_autoptr (VarveReference) reference = varve_delta_place_parse (images, session, side, text, error);
  VarveBlobs *blobs = reference != NULL ? varve_open_blobs (reference, NULL, error) : NULL;
  const char *ref = blobs != NULL && varve_reference_is_oci (reference) ? reference->ref : NULL;
  VarveDelta *delta = blobs != NULL ? varve_delta_open (blobs, ref, error) : NULL;
  g_autofree char *escaped = varve_escape (text);
  if (delta == NULL && reference != NULL)
    g_prefix_error (error, "'%s': ", escaped);
  return delta;
}
