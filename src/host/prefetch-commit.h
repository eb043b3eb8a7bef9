/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "host/prefetch-job.h"

/* Gets the missing layers of the image's commit: content, then the commit layer. *@out_commit is the commit, which the
 * repository has then. */
gboolean varve_prefetch_commit_layers (VarvePrefetchJob *job, VarveDigest *out_commit, GCancellable *cancellable,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
