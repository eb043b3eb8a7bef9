#pragma once

#include "oci/descriptor.h"
#include "skopeo/proxy-pool.h"

/* A blob from the pool, as varve_blobs_open() has it. A connection that fails in the middle is made anew, and the bytes
 * that were there are passed over; the size is checked. */
GInputStream *varve_proxied_stream_new (VarveProxyPool *pool, const VarveDescriptor *descriptor,
                                        GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
