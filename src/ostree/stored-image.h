/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/image-keys.h"
#include "ostree/repo.h"

/* The metadata that the importer of bootc and rpm-ostree adds to the commit of an image. */

typedef struct {
  gboolean is_client_layered; /* rpm-ostree layered packages on it */
  char *manifest_digest;
  GBytes *manifest, *config; /* JSON, reserialized: no digest matches these bytes. Each NULL when absent */
} VarveStoredImage;

void varve_stored_image_free (VarveStoredImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveStoredImage, varve_stored_image_free)

/* The image of a commit or, if rpm-ostree layered packages on it, of its parent. TRUE with NULL if the commit is not of
 * an image. */
gboolean varve_stored_image_load (VarveRepo *repo, const VarveDigest *commit, VarveStoredImage **out_image,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All images below ostree/container/image. VarveStoredImage, owned; unreadable ones are left out. */
GPtrArray *varve_stored_image_list (VarveRepo *repo, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
