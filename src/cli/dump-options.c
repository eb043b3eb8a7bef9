/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/dump-options.h"

#include <stdio.h>

void
varve_dump_verb (const char *name, const char *summary)
{
  printf ("verb\t%s\t%s\n", name, summary);
}

void
varve_dump_operands (const char *name, const char *parameters)
{
  printf ("operands\t%s\t%s\n", name, parameters);
}

void
varve_dump_entries (const char *name, const GOptionEntry *entries)
{
  for (const GOptionEntry *entry = entries; entry->long_name != NULL; entry++)
    {
      const char short_name[] = { entry->short_name, '\0' };
      printf ("option\t%s\t%s\t%s\t%s\t%s\n", name, entry->long_name, short_name,
              entry->arg_description != NULL ? entry->arg_description : "", entry->description);
    }
}
