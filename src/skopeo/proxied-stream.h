/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/descriptor.h"
#include "skopeo/proxy-pool.h"

/* Streams a blob through a proxy of the pool, as varve_blobs_open() does. A connection that fails is replaced, and the
 * bytes already read are skipped; the size is checked. */
GInputStream *varve_proxied_stream_new (VarveProxyPool *pool, const VarveDescriptor *descriptor,
                                        GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
