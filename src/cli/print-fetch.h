#pragma once

#include "cli/session.h"
#include "transport/fetch.h"

/* What a pull or copy into a layout did, as a table or as JSON. */
void varve_print_fetch (const VarveSession *session, const char *image, const VarveFetchResult *result);
