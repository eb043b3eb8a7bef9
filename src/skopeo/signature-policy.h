/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether the policy.json(5) that skopeo finds accepts every image without a signature. TRUE also when there is no
 * file, because skopeo reports that itself. */
gboolean varve_signature_policy_accepts_all (void);
/* The same for the content of a file. Invalid JSON does not accept all. */
gboolean varve_signature_policy_text_accepts_all (const char *text);

/* For an image that must be signed: the policy.json(5) that skopeo finds exists, and its default is not to accept
 * anything, whatever its other entries are. Source: ostree-ext, container/skopeo.rs. The errors say what to change. */
gboolean varve_signature_policy_check_default (GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for the content of a file. */
gboolean varve_signature_policy_text_check_default (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
