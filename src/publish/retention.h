/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "publish/publisher.h"

/* Removes the deltas to those of the @earlier images (VarvePredecessor, newest first) that are not among the newest
 * images; the newest is the new one. They leave the lists first, so that no list names what is not there. Images and
 * other referrers stay. */
gboolean varve_retention_apply (VarvePublisher *publisher, const GPtrArray *earlier, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
