#pragma once

#include "oci/blobs.h"
#include "transport/reference.h"

/* An image that skopeo can get at, read without copying it: the manifest at once, each blob when it is opened, streamed.
 * There is one entry in its index, the manifest; where the reference leads to an index, that is the image for linux on
 * @architecture. */
VarveBlobs *varve_proxied_read (const VarveReference *reference, const char *architecture, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The bytes that the reference leads to, whether manifest or index; nothing but their size is checked. */
GBytes *varve_load_raw (const VarveReference *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
