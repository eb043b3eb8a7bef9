/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "host/host-reference.h"
#include "host/image-store.h"
#include "host/prefetch.h"
#include "oci/image.h"

/* A host that upgrades from an image, this machine or a sysroot in a folder: the image that it pulls, and where it
 * keeps it: in an OSTree repository, in the storage of bootc's composefs backend, or in bootc's unified storage. */
typedef struct _VarveHost VarveHost;

/* @sysroot_path is "/" for this machine. Makes the sysroot writable (host/private-mount.h), so call it before
 * starting threads.
 *
 * UNSUPPORTED, with the reason, when prefetching would not help: not booted by bootc or rpm-ostree, no image to upgrade
 * from, layered packages without rpm-ostree; or where a signature of the commit is required, and the layers do not go
 * into an OSTree repository. */
VarveHost *varve_host_open (const char *sysroot_path, VarveObserver *observer, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_host_free (VarveHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveHost, varve_host_free)

/* NULL with the composefs backend. */
const char *varve_host_repo_path (const VarveHost *host);
/* Where the layers go; NULL: into the repository. Belongs to @host. */
const VarveImageStore *varve_host_store (const VarveHost *host);
/* The root of the running system, for deltas, where it is not in a repository; or NULL. */
const char *varve_host_tree_path (const VarveHost *host);
/* VarveDigest: the manifests of the images that it is deployed from, one of which varve_host_tree_path() shows; NULL
 * where the files are in a repository. */
const GArray *varve_host_manifests (const VarveHost *host);
/* The image that an upgrade pulls, and the signature that it requires. */
const VarveHostReference *varve_host_reference (const VarveHost *host);
/* The authfile that bootc and rpm-ostree use; NULL when they use no credentials. The caller owns it. */
char *varve_host_find_authfile (void);

/* Whether the image is booted or staged already, so that an upgrade would do nothing. */
gboolean varve_host_has_image (VarveHost *host, const VarveImage *image, gboolean *out_has, GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the host's importer takes a plain image into its OSTree repository: else UNSUPPORTED. *@out_policy_commit is
 * the commit whose SELinux policy labels the files; NULL: none. It belongs to @host. */
gboolean varve_host_check_plain (const VarveHost *host, const VarveDigest **out_policy_commit, VarveObserver *observer,
                                 GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The lock of the sysroot, if layers go into the repository; belongs to @host. */
VarvePrefetchGuard varve_host_guard (VarveHost *host);
