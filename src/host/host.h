#pragma once

#include "base/observer.h"
#include "host/host-reference.h"
#include "host/prefetch.h"
#include "oci/image.h"

/* This machine, or one below another folder, as a host that upgrades from an image: what it would pull, and where it
 * keeps it. */
typedef struct _VarveHost VarveHost;

/* @sysroot_path is "/" for this machine. Its repository becomes writable (base/private-mount.h), so this comes before
 * any thread.
 *
 * UNSUPPORTED, with the reason, where prefetching would not help: not booted from OSTree, bootc's composefs backend,
 * unified storage, no image that upgrades come from, layered packages where there is no rpm-ostree. */
VarveHost *varve_host_open (const char *sysroot_path, VarveObserver *observer, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_host_free (VarveHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveHost, varve_host_free)

const char *varve_host_repo_path (const VarveHost *host);
/* What an upgrade pulls, and what signature it asks for. */
const VarveHostReference *varve_host_reference (const VarveHost *host);
/* The file with the credentials that the importer would use; NULL: it would use none at all. The caller owns it. */
char *varve_host_find_authfile (void);

/* Whether an upgrade to the image would find nothing to do: it is booted or staged. */
gboolean varve_host_has_image (VarveHost *host, const VarveImage *image, gboolean *out_has, GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The lock of its sysroot; belongs to @host. */
VarvePrefetchGuard varve_host_guard (VarveHost *host);
