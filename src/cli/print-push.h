#pragma once

#include "cli/session.h"
#include "transport/push.h"

/* What a push did, as a table or as JSON. */
void varve_print_push (const VarveSession *session, const char *image, const VarvePushResult *result);
