/* SPDX-License-Identifier: Apache-2.0 */
#include "release/os-release.h"

#include <string.h>

#include "model/package.h"
#include "packages/text-lines.h"

void
varve_os_release_clear (VarveOsRelease *release)
{
  g_clear_pointer (&release->id, g_free);
  g_clear_pointer (&release->version_id, g_free);
  g_clear_pointer (&release->version_codename, g_free);
  g_clear_pointer (&release->build_id, g_free);
  g_clear_pointer (&release->name, g_free);
  g_clear_pointer (&release->pretty_name, g_free);
}

static char **
find_field (VarveOsRelease *release, const char *line)
{
  const struct {
    const char *name;
    char **value;
  } FIELDS[] = {
    { "ID=", &release->id },
    { "VERSION_ID=", &release->version_id },
    { "VERSION_CODENAME=", &release->version_codename },
    { "BUILD_ID=", &release->build_id },
    { "NAME=", &release->name },
    { "PRETTY_NAME=", &release->pretty_name },
  };
  for (guint i = 0; i < G_N_ELEMENTS (FIELDS); i++)
    if (g_str_has_prefix (line, FIELDS[i].name))
      return FIELDS[i].value;
  return NULL;
}

/* Removes the quotes of a shell. */
static char *
unquote (const char *value)
{
  char *unquoted = g_shell_unquote (value, NULL);
  return unquoted != NULL ? unquoted : g_strdup (value);
}

void
varve_os_release_parse (GBytes *bytes, VarveOsRelease *out_release)
{
  *out_release = (VarveOsRelease){ 0 };
  g_autoptr (VarveTextLines) lines = varve_text_lines_new (bytes);
  while (varve_text_lines_next (lines))
    {
      char **field = find_field (out_release, lines->text);
      if (field == NULL)
        continue;
      g_autofree char *trimmed = g_strstrip (g_strdup (strchr (lines->text, '=') + 1));
      g_autofree char *value = unquote (trimmed);
      varve_package_set (field, value);
    }
}

char *
varve_os_release_distro (const VarveOsRelease *release)
{
  const char *versions[] = { release->version_id, release->version_codename, release->build_id };
  if (release->id == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    if (versions[i] != NULL)
      return g_strdup_printf ("%s-%s", release->id, versions[i]);
  return g_strdup (release->id);
}
