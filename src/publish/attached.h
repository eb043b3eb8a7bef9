/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "skopeo/reference.h"

/* What is attached to an image beside its deltas: signatures, attestations, SBOMs. In a registry, what the image's list
 * of referrers or the Referrers API names, and cosign's tags "sha256-…" with ".sig", ".att" and ".sbom"
 * (github.com/sigstore/cosign, specs/SIGNATURE_SPEC.md); in a layout, the entries whose subject is the image, and the
 * same names. */
typedef struct {
  VarveReference *place;
  char *name;          /* cosign's, or "referrer-" and the first digits of the digest */
  char *artifact_type; /* NULL when unknown */
} VarveAttached;

/* GPtrArray of VarveAttached, owned; empty for a place that is neither a registry nor a layout or archive. */
GPtrArray *varve_attached_list (const VarveReference *place, const VarveDigest *image, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
