/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "skopeo/reference.h"

/* One skopeo-experimental-image-proxy(1) with one open image: protocol 0.2, from 0.2.3 on. One request at a time, from
 * one thread at a time; several proxies run in parallel. It exits when its socket is closed, so also when we are
 * killed. */
typedef struct _VarveProxy VarveProxy;

/* Starts a proxy and opens the image; of an index the one for linux on @architecture. skopeo enforces policy.json(5)
 * from protocol 0.2.6 on; with an older one the observer is warned if the policy requires signatures. UNSUPPORTED
 * instead if the access requires the policy. Retries transient failures. */
VarveProxy *varve_proxy_open (const VarveReference *reference, const char *architecture, GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_proxy_free (VarveProxy *proxy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveProxy, varve_proxy_free)

/* The manifest's bytes, and its digest in the registry. They match unless it is a Docker manifest, whose bytes the
 * proxy converts. */
GBytes *varve_proxy_get_manifest (VarveProxy *proxy, char **out_digest, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Starts sending a blob. Returns a pipe that the caller reads to its end and closes; then, before any other request,
 * varve_proxy_finish_blob() reports whether the blob was complete. -1 on error; the proxy can then only be freed. */
int varve_proxy_start_blob (VarveProxy *proxy, const char *digest, guint64 size_bytes, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_proxy_finish_blob (VarveProxy *proxy, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The size of a blob, when the manifest does not have it; the blob is not read. */
gboolean varve_proxy_get_size (VarveProxy *proxy, const char *digest, guint64 *out_size_bytes,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Waits for data and reads it; 0 at the end, -1 on error or when cancelled. */
gssize varve_proxy_read_pipe (int fd, void *buffer, gsize size_bytes, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
