/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/session.h"
#include "transport/fetch.h"

/* The result of a pull or copy into a layout, as a table or as JSON. */
void varve_print_fetch (const VarveSession *session, const char *image, const VarveFetchResult *result);
