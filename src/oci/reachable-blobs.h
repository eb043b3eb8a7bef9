/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/blobs.h"

/* Every blob reachable from index.json: manifests, nested indexes, their configs and layers. VarveDigest -> size
 * (guint64 *). A missing or damaged manifest is an error, since its references are unknown; configs and layers are not
 * opened. */
GHashTable *varve_reachable_blobs (VarveBlobs *blobs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
