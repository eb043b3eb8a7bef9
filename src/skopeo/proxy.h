#pragma once

#include "skopeo/reference.h"

/* One skopeo-experimental-image-proxy(1) with one image opened: protocol 0.2, from 0.2.3 on. One thing at a time, of
 * one thread at a time; several proxies work side by side. It ends when its socket is closed, so also when we are
 * killed. */
typedef struct _VarveProxy VarveProxy;

/* Starts it and opens the image; of an index the one for linux on @architecture. Signatures are checked as
 * policy.json(5) wants it, by skopeo from its protocol 0.2.6 on; before, the observer is warned where it wants any.
 * Tries again where that may help. */
VarveProxy *varve_proxy_open (const VarveReference *reference, const char *architecture, GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_proxy_free (VarveProxy *proxy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveProxy, varve_proxy_free)

/* The manifest's bytes, and the digest that the registry has it under. They belong together, except where it is one of
 * docker's: then the proxy has converted the bytes. */
GBytes *varve_proxy_get_manifest (VarveProxy *proxy, char **out_digest, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Starts sending a blob. Returns a pipe that the caller reads to its end and closes; after that, and before anything
 * else, varve_proxy_finish_blob() tells whether it was whole. -1 on error; the proxy is then only good to be freed. */
int varve_proxy_start_blob (VarveProxy *proxy, const char *digest, guint64 size_bytes, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_proxy_finish_blob (VarveProxy *proxy, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The size of a blob that is not otherwise known; none of it is read. */
gboolean varve_proxy_get_size (VarveProxy *proxy, const char *digest, guint64 *out_size_bytes,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads what there is, waiting for it; 0 at the end, -1 on error or when cancelled. */
gssize varve_proxy_read_pipe (int fd, void *buffer, gsize size_bytes, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
