/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "compose/previous.h"
#include "oci/layout.h"

/* CORRUPT where the descriptor's annotation has another diff ID than the previous image's config. */
gboolean varve_reused_layer_check (const VarveDescriptor *layer, const VarveDigest *diff_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Gets the blob of a layer of the previous image into the layout. It is read: CORRUPT where its size, digest or diff ID
 * differ. */
gboolean varve_reused_layer_get (VarveLayout *layout, const VarvePrevious *previous, const VarveDescriptor *layer,
                                 const VarveDigest *diff_id, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
