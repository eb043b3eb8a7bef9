#pragma once

#include "oci/blobs.h"

/* The blobs of a whole layout, seen as if its index had one entry. @all must outlive it. */
VarveBlobs *varve_entry_blobs_new (VarveBlobs *all, const VarveDescriptor *entry, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
