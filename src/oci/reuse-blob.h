#pragma once

#include "oci/layout.h"

/* Adds a blob of another layout to this one unless it is there: as a reflink, else as a hard link where its mode is
 * 0644, both without reading it; else it is copied, and its digest checked. */
gboolean varve_reuse_blob (VarveLayout *layout, VarveBlobs *from, const VarveDescriptor *descriptor,
                           GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
