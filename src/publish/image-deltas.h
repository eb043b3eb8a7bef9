/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "publish/publisher.h"

/* Makes the deltas to one new image that are not in the registry, and those from it where both ways are wanted.
 * @earlier are VarvePredecessor, newest first. */
gboolean varve_image_deltas_publish (VarvePublisher *publisher, VarveImage *image, const GPtrArray *earlier,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
