/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/layout.h"

/* Reads the stream to its end and decides whether it is the blob of the descriptor; CORRUPT if it is not. */
typedef struct {
  gboolean (*func) (GInputStream *blob, const VarveDescriptor *descriptor, gpointer data, GCancellable *cancellable,
                    GError **error);
  gpointer data;
} VarveBlobCheck;

/* Gets a blob into this layout: the file that is there, else a reflink, a hard link (to a file of this user with mode
 * 0644) or a copy of the blob of @from, which may be NULL. It is read and checked first, whichever it is: by @check, or
 * its digest only if that is NULL. A symlink is CORRUPT. */
gboolean varve_reuse_blob (VarveLayout *layout, VarveBlobs *from, const VarveDescriptor *descriptor,
                           const VarveBlobCheck *check, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
