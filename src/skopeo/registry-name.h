#pragma once

#include <glib.h>

/* The grammar of names in registries: distribution's reference package. */

/* NULL where @name is HOST[:PORT]/NAME, else what is wrong with it, fit to stand behind it. The host is one by its dot,
 * its port, or because it is "localhost": without one, Docker Hub would be meant. */
const char *varve_registry_name_problem (const char *name);
gboolean varve_registry_name_is_tag (const char *tag);
