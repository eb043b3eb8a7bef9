#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* Writes a commit all of whose objects an earlier transaction wrote; that they are there is checked once more, since a
 * prune may have come between: else NOT_FOUND. @detached and @ref may be NULL. */
gboolean varve_write_commit (const char *repo_path, const char *ref, const VarveDigest *commit, GBytes *raw,
                             GBytes *detached, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
