/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The grammar of names in registries: distribution's reference package. */

/* NULL when @name is HOST[:PORT]/NAME, else the problem, as words to put after the name. HOST must have a dot or a port
 * or be "localhost"; otherwise the name would be one of Docker Hub. */
const char *varve_registry_name_problem (const char *name);
gboolean varve_registry_name_is_tag (const char *tag);
