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
