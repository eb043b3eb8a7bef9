/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/digest.h"

/* The blobs of a layout whose digest was read or computed in this run. Thread-safe. */
typedef struct _VarveKnownBlobs VarveKnownBlobs;

VarveKnownBlobs *varve_known_blobs_new (void);
void varve_known_blobs_free (VarveKnownBlobs *known);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveKnownBlobs, varve_known_blobs_free)

void varve_known_blobs_add (VarveKnownBlobs *known, const VarveDigest *digest);
/* The regular file of that name and size in the folder, which is not read; -1 where there is none. The caller closes
 * it. */
int varve_known_blobs_open (int blobs_fd, const VarveDigest *digest, guint64 size_bytes);
/* Whether the folder has the blob; reads it unless its digest is known. */
gboolean varve_known_blobs_check (VarveKnownBlobs *known, int blobs_fd, const VarveDigest *digest, guint64 size_bytes);
