/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/session.h"
#include "host/prefetch-deltas.h"

/* The reports of `varve prefetch`, as tables or JSON; @name is that of the image. */

/* @found are the deltas that were found and applied. */
void varve_print_prefetch (const VarveSession *session, const VarveImage *image, const char *name,
                           const VarvePrefetch *prefetch, const VarvePrefetchFound *found);
/* The host has the image already. */
void varve_print_up_to_date (const VarveSession *session, const VarveImage *image, const char *name);
/* Nothing was fetched, since the connection is metered. */
void varve_print_metered (const VarveSession *session, const char *name);
