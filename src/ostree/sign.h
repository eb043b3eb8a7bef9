/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"

/* Signatures of a commit, as libostree makes them: they are in its detached metadata and do not change its checksum. */

/* Signs the commit whose bytes are @commit_raw with each of @keys: "gpg=KEY-ID" (a secret key of the user's keyring,
 * see gpg(1); GNUPGHOME selects another) or "TYPE=FILE" for any other type of libostree, such as "ed25519": the first
 * line of the file is the secret key in base64, as for "ostree sign". Returns the detached metadata: @commitmeta, which
 * may be NULL, and the signatures. No repository is changed. VARVE_ERROR_USAGE when a key is not of that form. */
GBytes *varve_sign_commit (const VarveDigest *commit, GBytes *commit_raw, GBytes *commitmeta, const char *const *keys,
                           GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @with is @without, which may be NULL, and nothing but more signatures. Both are a{sv}. */
gboolean varve_sign_only_adds (GBytes *with, GBytes *without);
