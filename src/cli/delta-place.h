/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/image-options.h"
#include "delta/artifact.h"

/* References to deltas and images as the verbs of `varve delta` take them: a plain path is an oci-archive. */

VarveReference *varve_delta_place_parse (const VarveImageOptions *images, VarveSession *session, VarveSide side,
                                         const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveImage *varve_delta_place_open_image (const VarveImageOptions *images, VarveSession *session, const char *text,
                                          const char *architecture, GError **error) G_GNUC_WARN_UNUSED_RESULT;
VarveDelta *varve_delta_place_open (const VarveImageOptions *images, VarveSession *session, VarveSide side,
                                    const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
