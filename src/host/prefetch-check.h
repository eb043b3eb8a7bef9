/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"

/* Checks the rules of manifest and config by which hosts import an image. *@out_n_ostree_layers is the number of layers
 * of its commit, 0 for a plain image. UNSUPPORTED for a plain image where @remote is to have signed a commit; it may be
 * NULL. */
gboolean varve_prefetch_check_image (const VarveImage *image, const char *remote, guint *out_n_ostree_layers,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
