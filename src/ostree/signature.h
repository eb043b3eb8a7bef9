#pragma once

#include "ostree/repo.h"

/* Whether the commit has a signature that the remote's configuration in this repository asks for: GPG, ed25519 or
 * whatever libostree knows. CORRUPT when it has not, and when the remote asks for none. @detached is the commit's
 * detached metadata, or NULL. */
gboolean varve_signature_check (VarveRepo *repo, const char *remote, GBytes *commit, GBytes *detached, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
