#pragma once

#include <glib.h>

/* Whether containers-policy.json(5), as it stands here, asks for anything: a host whose image must be signed refuses a policy whose
 * default is to accept all. UNSUPPORTED where it does, or where there is none. */
gboolean varve_signed_policy_check (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of the text of a policy. */
gboolean varve_signed_policy_check_text (GBytes *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
