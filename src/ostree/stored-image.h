#pragma once

#include "model/image-keys.h"
#include "ostree/repo.h"

/* What the importer of bootc and rpm-ostree notes on the commit that it makes of an image. */

typedef struct {
  gboolean is_client_layered; /* rpm-ostree put packages on top */
  char *manifest_digest;
  GBytes *manifest, *config; /* JSON, written anew: no digest is that of these bytes. Each NULL when absent */
} VarveStoredImage;

void varve_stored_image_free (VarveStoredImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveStoredImage, varve_stored_image_free)

/* That of a commit, or, where rpm-ostree layered packages on it, of its parent. TRUE with NULL when the commit is of no
 * image. */
gboolean varve_stored_image_load (VarveRepo *repo, const VarveDigest *commit, VarveStoredImage **out_image,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All images below ostree/container/image. VarveStoredImage, owned; those that cannot be read are left out. */
GPtrArray *varve_stored_image_list (VarveRepo *repo, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
