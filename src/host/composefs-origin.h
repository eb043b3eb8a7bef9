/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "base/observer.h"
#include "host/host-reference.h"

/* The deployments of a host with bootc's composefs backend: state/deploy/<id>/<id>.origin in its sysroot. Source:
 * bootc, lib/bootc_composefs/state.rs. */
typedef struct {
  VarveHostReference *reference; /* that all of them have; NULL where they differ, or have none */
  GArray *manifests;             /* VarveDigest, of those that say which image they are of */
} VarveComposefsOrigins;

/* A folder that does not exist has no deployments. A damaged origin is CORRUPT; with @observer, which may be NULL, it
 * is a warning. */
VarveComposefsOrigins *varve_composefs_origins_load (const char *sysroot_path, VarveObserver *observer, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_composefs_origins_free (VarveComposefsOrigins *origins);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveComposefsOrigins, varve_composefs_origins_free)
gboolean varve_composefs_origins_have (const VarveComposefsOrigins *origins, const VarveDigest *manifest);
