/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "host/host-reference.h"
#include "host/prefetch.h"
#include "oci/image.h"

/* A host that upgrades from an image, this machine or a sysroot in a folder: the image that it pulls and the repository
 * that it keeps the image in. */
typedef struct _VarveHost VarveHost;

/* @sysroot_path is "/" for this machine. Makes the repository writable (host/private-mount.h), so call it before
 * starting threads.
 *
 * UNSUPPORTED, with the reason, when prefetching would not help: not booted from OSTree, bootc's composefs backend,
 * unified storage, no image to upgrade from, layered packages without rpm-ostree. */
VarveHost *varve_host_open (const char *sysroot_path, VarveObserver *observer, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_host_free (VarveHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveHost, varve_host_free)

const char *varve_host_repo_path (const VarveHost *host);
/* The image that an upgrade pulls, and the signature that it requires. */
const VarveHostReference *varve_host_reference (const VarveHost *host);
/* The authfile that bootc and rpm-ostree use; NULL when they use no credentials. The caller owns it. */
char *varve_host_find_authfile (void);

/* Whether the image is booted or staged already, so that an upgrade would do nothing. */
gboolean varve_host_has_image (VarveHost *host, const VarveImage *image, gboolean *out_has, GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The lock of the sysroot; belongs to @host. */
VarvePrefetchGuard varve_host_guard (VarveHost *host);
