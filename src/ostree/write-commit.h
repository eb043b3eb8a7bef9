#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* Writes a commit whose objects an earlier transaction wrote. Checks again that they exist, since a prune may have run:
 * else NOT_FOUND. @detached and @ref may be NULL. */
gboolean varve_write_commit (const char *repo_path, const char *ref, const VarveDigest *commit, GBytes *raw,
                             GBytes *detached, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
