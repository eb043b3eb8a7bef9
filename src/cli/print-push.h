/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/session.h"
#include "transport/push.h"

/* The result of a push, as a table or as JSON. */
void varve_print_push (const VarveSession *session, const char *image, const VarvePushResult *result);
