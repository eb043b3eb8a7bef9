/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/object-name.h"

#include <string.h>

#include "base/error.h"

static const char PREFIX[] = VARVE_LAYER_REPO "/objects/";
enum { FAN_OUT = 2, REST = VARVE_DIGEST_HEX_LENGTH - FAN_OUT };

static const char *const SUFFIXES[] = {
  [VARVE_OBJECT_COMMIT] = "commit",
  [VARVE_OBJECT_COMMITMETA] = "commitmeta",
  [VARVE_OBJECT_DIRTREE] = "dirtree",
  [VARVE_OBJECT_DIRMETA] = "dirmeta",
  [VARVE_OBJECT_FILE] = "file",
  [VARVE_OBJECT_FILE_XATTRS] = "file-xattrs",
  [VARVE_OBJECT_FILE_XATTRS_LINK] = "file-xattrs-link",
};

static gboolean
object_name_parse (const char *path, VarveObjectName *out_name)
{
  if (!g_str_has_prefix (path, PREFIX))
    return FALSE;
  const char *fan_out = path + strlen (PREFIX);
  if (strlen (fan_out) <= FAN_OUT + 1 + REST + 1 || fan_out[FAN_OUT] != '/' || fan_out[FAN_OUT + 1 + REST] != '.')
    return FALSE;
  char hex[VARVE_DIGEST_HEX_LENGTH + 1];
  memcpy (hex, fan_out, FAN_OUT);
  memcpy (hex + FAN_OUT, fan_out + FAN_OUT + 1, REST);
  hex[VARVE_DIGEST_HEX_LENGTH] = '\0';
  VarveObjectName name;
  if (!varve_digest_from_hex (hex, &name.checksum, NULL))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (SUFFIXES); i++)
    if (strcmp (fan_out + FAN_OUT + 1 + REST + 1, SUFFIXES[i]) == 0)
      {
        name.kind = (VarveObjectKind)i;
        *out_name = name;
        return TRUE;
      }
  return FALSE;
}

gboolean
varve_object_name_parse (const char *path, VarveObjectName *out_name, GError **error)
{
  if (object_name_parse (path, out_name))
    return TRUE;
  g_autofree char *escaped = varve_escape (path);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "'%s' is not the path of an object", escaped);
  return FALSE;
}
