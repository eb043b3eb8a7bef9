/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/image-store.h"

/* The repository of bootc's composefs backend: composefs-rs, composefs-oci. Its pull looks for each layer of an image
 * by its diff ID, as the stream "oci-layer-<diff ID>"; its garbage collection keeps all that a tag leads to, and bootc
 * removes only tags that begin with "localhost/bootc-" (lib/bootc_composefs/gc.rs). Ours is "varve-prefetch".
 *
 * The program is "bootc internals cfs", or cfsctl where there is no bootc: UNSUPPORTED without either. */
VarveImageStore *varve_composefs_store_new (const char *repo_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
