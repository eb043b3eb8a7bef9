/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/prefetch-job.h"

/* Gets the missing layers that are not of an OSTree commit: those on top of @commit, or all of a plain image, where
 * @commit is NULL. A layer that importers treat in different ways is skipped, with a warning. */
gboolean varve_prefetch_ordinary_layers (VarvePrefetchJob *job, const VarveDigest *commit, GCancellable *cancellable,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
