/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/observer.h"
#include "host/image-store.h"

/* A containers-storage folder: bootc's unified storage, into which podman pulls an upgrade before bootc reads it from
 * there. podman finds a layer by the digest of the blob that it was stored from. The image is kept as
 * "localhost/varve-prefetch:latest"; bootc prunes images without a deployment at the end of an upgrade.
 *
 * The program is skopeo. @run_path is the storage's folder for state that does not survive a boot. @observer may be
 * NULL, and must outlive the store, as must @cancellable. */
VarveImageStore *varve_unified_store_new (const char *storage_path, const char *run_path, VarveObserver *observer,
                                          GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;
