/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ostree/repo.h"

/* Whether the commit has a signature that the remote's configuration in this repository requires: GPG, ed25519 or any
 * other type of libostree. CORRUPT when it has none, and when the remote requires none. @detached is the commit's
 * detached metadata, or NULL. */
gboolean varve_signature_check (VarveRepo *repo, const char *remote, GBytes *commit, GBytes *detached, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
