/* SPDX-License-Identifier: Apache-2.0 */
/* How each program compares is from its sources. */
#include "packages/compiled-files.h"

#include <string.h>

#include "packages/path-glob.h"

/* The end of the name, and what the source has in its place. */
static const struct {
  VarveCompiledKind kind;
  const char *glob, *end, *source_end;
} COMPILED[] = {
  { VARVE_COMPILED_EMACS, "**/*.elc", ".elc", ".el" },
  { VARVE_COMPILED_ZSH, "**/*.zwc", ".zwc", "" },
  { VARVE_COMPILED_SELINUX, "usr/etc/selinux/*/contexts/files/*.bin", ".bin", "" },
  { VARVE_COMPILED_SELINUX, "etc/selinux/*/contexts/files/*.bin", ".bin", "" },
  { VARVE_COMPILED_POSTFIX, "usr/etc/**/*.db", ".db", "" },
  { VARVE_COMPILED_POSTFIX, "etc/**/*.db", ".db", "" },
};

VarveCompiledKind
varve_compiled_files_kind (const char *path, char **out_source)
{
  for (guint i = 0; i < G_N_ELEMENTS (COMPILED); i++)
    {
      if (!g_str_has_suffix (path, COMPILED[i].end) || !varve_path_glob_match (COMPILED[i].glob, path))
        continue;
      gsize stem = strlen (path) - strlen (COMPILED[i].end);
      if (out_source != NULL)
        *out_source = g_strdup_printf ("%.*s%s", (int)stem, path, COMPILED[i].source_end);
      return COMPILED[i].kind;
    }
  return VARVE_COMPILED_NOT;
}
