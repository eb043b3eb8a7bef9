#pragma once

#include "skopeo/proxy.h"

/* Proxies for one image, so many as blobs are read at once, at most 8: who wants one more waits. Counted; thread-safe.
 */
typedef struct _VarveProxyPool VarveProxyPool;

VarveProxyPool *varve_proxy_pool_new (const VarveReference *reference, const char *architecture);
VarveProxyPool *varve_proxy_pool_ref (VarveProxyPool *pool);
void varve_proxy_pool_unref (VarveProxyPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveProxyPool, varve_proxy_pool_unref)

/* One that no one else uses, to be given back: idle where it may be used again, else to be ended. */
VarveProxy *varve_proxy_pool_take (VarveProxyPool *pool, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_proxy_pool_give_back (VarveProxyPool *pool, VarveProxy *proxy);
void varve_proxy_pool_discard (VarveProxyPool *pool, VarveProxy *proxy);

/* How the image is got at; belongs to @pool. */
VarveAccess *varve_proxy_pool_access (VarveProxyPool *pool);
