/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* A host's deployments, as its OSTree sysroot has them. */
typedef struct _VarveSysroot VarveSysroot;

typedef struct {
  VarveDigest commit;
  gboolean is_booted, is_staged;
  char *image_reference; /* container-image-reference of its origin; NULL if it is not of an image */
} VarveDeployment;

/* "/" is the running system. No lock is taken. */
VarveSysroot *varve_sysroot_open (const char *path, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_sysroot_free (VarveSysroot *sysroot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveSysroot, varve_sysroot_free)

/* VarveDeployment, owned by @sysroot; in boot order. */
GPtrArray *varve_sysroot_deployments (VarveSysroot *sysroot);
/* The deployment that an upgrade starts from: the staged, else the booted, else the first. NULL if there is none. */
const VarveDeployment *varve_sysroot_next (VarveSysroot *sysroot);

/* Waits for and takes the lock that bootc and rpm-ostree hold while they work. Hold it only briefly: rpm-ostree fails
 * if it cannot take the lock at once. */
gboolean varve_sysroot_lock (VarveSysroot *sysroot, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_sysroot_unlock (VarveSysroot *sysroot);
