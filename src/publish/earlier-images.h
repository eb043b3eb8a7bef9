/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "oci/predecessors.h"
#include "skopeo/reference.h"

/* The images that were published under a tag before @image, newest first: GPtrArray of VarvePredecessor, without @image
 * itself. They are what the image says, the image that is under the tag now, and what that one says. Some may not be in
 * the registry. @target is docker: with the tag. */
GPtrArray *varve_earlier_images (const VarveReference *target, const VarveImage *image, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
