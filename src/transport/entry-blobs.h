/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/blobs.h"

/* The blobs of a layout, with an index that has only @entry. @all must outlive it. */
VarveBlobs *varve_entry_blobs_new (VarveBlobs *all, const VarveDescriptor *entry, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
