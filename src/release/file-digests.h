/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"
#include "base/observer.h"
#include "model/inventory.h"
#include "model/source.h"

/* Of a file's content alone, unlike an object's checksum. */
typedef struct {
  VarveDigest sha256;
  VarveSha1 sha1; /* SPDX 2.3 requires it: section 8.4 */
} VarveFileDigests;

/* For each object of the inventory; zeros for symlinks. Every content is read once. */
VarveFileDigests *varve_file_digests_read (const VarveInventory *inventory, VarveSource *source, guint jobs,
                                           VarveObserver *observer, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
