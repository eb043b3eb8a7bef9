/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/format.h"

#include "base/error.h"

gboolean
varve_format_from_string (const char *name, VarveFormat *out_format, GError **error)
{
  if (g_str_equal (name, "ostree"))
    *out_format = VARVE_FORMAT_OSTREE;
  else if (g_str_equal (name, "plain"))
    *out_format = VARVE_FORMAT_PLAIN;
  else
    {
      g_autofree char *escaped = varve_escape (name);
      g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "unknown format '%s': expected ostree or plain", escaped);
      return FALSE;
    }
  return TRUE;
}
