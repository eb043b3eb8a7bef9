#pragma once

#include "oci/blobs.h"

/* Every blob that index.json leads to: manifests, indexes inside it, their configs and layers. A set of VarveDigest,
 * each with its size (guint64 *). A manifest that is missing or damaged is an error, since what it needs is then
 * unknown; configs and layers are not looked at. */
GHashTable *varve_reachable_blobs (VarveBlobs *blobs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
