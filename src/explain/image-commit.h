/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "ostree/repo.h"

/* The commit that the image's label 'ostree.commit' names, or the annotation 'varve.commit' of a plain image, in the
 * repository: UNSUPPORTED without both, NOT_FOUND where the repository lacks the commit. */
gboolean varve_image_commit_resolve (const VarveImage *image, VarveRepo *repo, VarveDigest *out_commit, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
