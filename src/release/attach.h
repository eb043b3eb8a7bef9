/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "release/sbom-format.h"
#include "skopeo/reference.h"

/* Pushes the bill of materials of an image to the image's repository, as an artifact that refers to the image
 * (distribution-spec 1.1) with the media type of its format as its type, and lists it under the fallback tag of the
 * image's referrers. The same document again changes nothing. @reference is of the image, in a registry. */
gboolean varve_sbom_attach (const VarveSbom *sbom, VarveSbomFormat format, const VarveImage *image,
                            const VarveReference *reference, VarveObserver *observer, VarveDigest *out_digest,
                            GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
