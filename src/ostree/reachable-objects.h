#pragma once

#include <ostree.h>

#include "base/digest.h"

/* Whether a repository has every object that a directory reaches. Metadata objects are read and checked, of content
 * objects it is asked whether they are there. NOT_FOUND names the first that is missing; CORRUPT the first that is
 * damaged. Objects of the open transaction count. */
gboolean varve_reachable_objects_check (OstreeRepo *repo, const VarveDigest *dirtree, const VarveDigest *dirmeta,
                                        GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
