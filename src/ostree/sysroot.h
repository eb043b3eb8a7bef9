#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* A host's deployments, as its OSTree sysroot has them. */
typedef struct _VarveSysroot VarveSysroot;

typedef struct {
  VarveDigest commit;
  gboolean is_booted, is_staged;
  char *image_reference; /* container-image-reference of its origin; NULL when it is of no image */
} VarveDeployment;

/* "/" is that of the running system. No lock is taken. */
VarveSysroot *varve_sysroot_open (const char *path, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_sysroot_free (VarveSysroot *sysroot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSysroot, varve_sysroot_free)

/* VarveDeployment, owned by @sysroot; in the order in which a boot would prefer them. */
GPtrArray *varve_sysroot_deployments (VarveSysroot *sysroot);
/* The one whose image an upgrade pulls: the staged, else the booted, else the first. NULL when there is none. */
const VarveDeployment *varve_sysroot_next (VarveSysroot *sysroot);

/* The lock that bootc and rpm-ostree hold while they work; rpm-ostree fails when it cannot have it at once, so it is
 * for a moment only. Waits for it. */
gboolean varve_sysroot_lock (VarveSysroot *sysroot, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_sysroot_unlock (VarveSysroot *sysroot);
