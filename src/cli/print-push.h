/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"
#include "cli/session.h"
#include "transport/push.h"

/* As lines, or as JSON (documented in varve-push(1)) where the session wants it. */
void varve_print_push (const VarveSession *session, const char *image, const VarvePushResult *result);
json_object *varve_push_to_json (const char *image, const VarvePushResult *result);
