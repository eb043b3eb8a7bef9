/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/session.h"
#include "publish/publish-types.h"

/* As a table, or as JSON (documented in varve-publish(1)) where the session wants it. */
void varve_print_publish (const VarveSession *session, const char *image, const VarvePublishResult *result);
