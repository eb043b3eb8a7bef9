/* SPDX-License-Identifier: Apache-2.0 */
#include "model/whiteout.h"

#include <string.h>

#define PREFIX ".wh."
#define AUFS_PREFIX ".wh..wh."
#define OPAQUE ".wh..wh..opq"

VarveWhiteout
varve_whiteout_parse (const char *path, const char **out_hidden)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  if (!g_str_has_prefix (name, PREFIX))
    return VARVE_WHITEOUT_NONE;
  if (strcmp (name, OPAQUE) == 0)
    return VARVE_WHITEOUT_OPAQUE;
  if (g_str_has_prefix (name, AUFS_PREFIX))
    return VARVE_WHITEOUT_AUFS;
  if (out_hidden != NULL)
    *out_hidden = name + strlen (PREFIX);
  return VARVE_WHITEOUT_FILE;
}

char *
varve_whiteout_removed (const char *path)
{
  const char *hidden = "", *slash = strrchr (path, '/');
  VarveWhiteout kind = varve_whiteout_parse (path, &hidden);
  if (kind != VARVE_WHITEOUT_OPAQUE && (kind != VARVE_WHITEOUT_FILE || hidden[0] == '\0'))
    return NULL;
  return g_strdup_printf ("%.*s%s", slash != NULL ? (int)(slash + 1 - path) : 0, path, hidden);
}

char *
varve_whiteout_of (const char *path)
{
  const char *slash = strrchr (path, '/');
  gsize length = slash != NULL ? (gsize)(slash - path) + 1 : 0;
  return g_strdup_printf ("%.*s" PREFIX "%s", (int)length, path, path + length);
}

gboolean
varve_whiteout_is_in (const char *path)
{
  return g_str_has_prefix (path, PREFIX) || strstr (path, "/" PREFIX) != NULL;
}
