/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"
#include "skopeo/reference.h"

/* The two requests to a registry that skopeo does not make, with libcurl: distribution-spec 1.1. Credentials,
 * --cert-dir and --tls-verify are those of the reference's access; mirrors, and what registries.conf(5) says besides,
 * are not looked at. A build without libcurl answers UNSUPPORTED. */

/* "Listing Referrers": the bytes of an index. NOT_FOUND where the registry lacks the Referrers API. */
GBytes *varve_registry_referrers (const VarveReference *repository, const VarveDigest *subject, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* "Pushing Manifests": an index under the tag of @tagged. An entry whose manifest the registry does not have is
 * NOT_FOUND. */
gboolean varve_registry_put_index (const VarveReference *tagged, GBytes *index, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
