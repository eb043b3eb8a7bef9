/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "skopeo/proxy.h"

/* Proxies for one image, one for each blob that is being read, at most 8: a caller that wants one more waits.
 * Reference-counted; thread-safe. */
typedef struct _VarveProxyPool VarveProxyPool;

VarveProxyPool *varve_proxy_pool_new (const VarveReference *reference, const char *architecture);
VarveProxyPool *varve_proxy_pool_ref (VarveProxyPool *pool);
void varve_proxy_pool_unref (VarveProxyPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveProxyPool, varve_proxy_pool_unref)

/* A proxy for the caller alone, who gives it back when it may be used again, and discards it otherwise. */
VarveProxy *varve_proxy_pool_take (VarveProxyPool *pool, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_proxy_pool_give_back (VarveProxyPool *pool, VarveProxy *proxy);
void varve_proxy_pool_discard (VarveProxyPool *pool, VarveProxy *proxy);

/* Belongs to @pool. */
VarveAccess *varve_proxy_pool_access (VarveProxyPool *pool);
