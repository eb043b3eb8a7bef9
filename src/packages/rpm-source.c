/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/rpm-source.h"

#include <glib.h>
#include <string.h>

char *
varve_rpm_source_name (const char *source_rpm)
{
  if (!g_str_has_suffix (source_rpm, ".rpm"))
    return NULL;
  g_autofree char *name = g_strdup (source_rpm);
  for (guint i = 0; i < 2; i++)
    {
      char *dash = strrchr (name, '-');
      if (dash == NULL || dash == name)
        return NULL;
      *dash = '\0';
    }
  return g_steal_pointer (&name);
}

char *
varve_rpm_source_version (const char *source_rpm)
{
  static const char *const SUFFIXES[] = { ".src.rpm", ".nosrc.rpm" };
  g_autofree char *name = varve_rpm_source_name (source_rpm);
  if (name == NULL)
    return NULL;
  const char *version = source_rpm + strlen (name) + 1;
  for (guint i = 0; i < G_N_ELEMENTS (SUFFIXES); i++)
    if (g_str_has_suffix (version, SUFFIXES[i]))
      return g_strndup (version, strlen (version) - strlen (SUFFIXES[i]));
  return NULL;
}
