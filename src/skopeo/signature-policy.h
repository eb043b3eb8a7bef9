#pragma once

#include <glib.h>

/* Whether policy.json(5), as skopeo finds it, accepts every image without a signature; also where there is none, for
 * then skopeo says so itself. */
gboolean varve_signature_policy_accepts_all (void);
/* The same of a file's content. */
gboolean varve_signature_policy_text_accepts_all (const char *text);
