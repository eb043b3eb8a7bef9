#pragma once

#include "oci/layout.h"

/* Brings a blob of another layout into this one, unless it is there: as a reflink, else a hard link, both without
 * reading it; else it is copied, and its digest checked. */
gboolean varve_reuse_blob (VarveLayout *layout, VarveBlobs *from, const VarveDescriptor *descriptor,
                           GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
