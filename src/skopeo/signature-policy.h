#pragma once

#include <glib.h>

/* Whether the policy.json(5) that skopeo finds accepts every image without a signature. TRUE also when there is no
 * file, because skopeo reports that itself. */
gboolean varve_signature_policy_accepts_all (void);
/* The same for the content of a file. Invalid JSON does not accept all. */
gboolean varve_signature_policy_text_accepts_all (const char *text);
