/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <ostree.h>

#include "base/digest.h"

/* Whether a repository has every object that a directory reaches. The checksums of metadata objects are checked;
 * content objects only have to exist. NOT_FOUND names the first missing object, CORRUPT the first damaged one. Objects
 * of the open transaction count. */
gboolean varve_reachable_objects_check (OstreeRepo *repo, const VarveDigest *dirtree, const VarveDigest *dirmeta,
                                        GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
