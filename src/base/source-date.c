/* SPDX-License-Identifier: Apache-2.0 */
#include "base/source-date.h"

#include "base/error.h"

gboolean
varve_source_date_read (gint64 *out_time, GError **error)
{
  const char *epoch = g_getenv ("SOURCE_DATE_EPOCH");
  if (epoch == NULL || *epoch == '\0')
    {
      *out_time = -1;
      return TRUE;
    }
  if (g_ascii_string_to_signed (epoch, 10, 0, VARVE_TIMESTAMP_MAX, out_time, NULL))
    return TRUE;
  g_autofree char *escaped = varve_escape (epoch);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE, "SOURCE_DATE_EPOCH '%s': expected seconds since 1970", escaped);
  return FALSE;
}
