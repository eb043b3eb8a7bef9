/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "publish/publish-types.h"

/* Publishes an image in a registry together with deltas from the images that hosts have: docs/publishing.md. */

/* Pushes the image or index at @source, makes and pushes the deltas, and moves the tags last: what fails before leaves
 * them where they were, and a second run makes and sends only what is missing. @target is docker: with a tag, or
 * without one for "latest". Images that are no longer in the registry are left out. */
gboolean varve_publish (const VarveReference *source, const VarveReference *target, const VarvePublishOptions *options,
                        VarvePublishResult *out_result, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
