/* SPDX-License-Identifier: Apache-2.0 */
#include "ostree/ref-escape.h"

#include <glib.h>

char *
varve_ref_escape (const char *text)
{
  GString *out = g_string_new (NULL);
  gboolean after_alphanumeric = FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gboolean is_alphanumeric = g_ascii_isalnum (*p);
      gboolean is_separator = *p == '/' && after_alphanumeric && p[1] != '\0';
      if (is_alphanumeric || is_separator || *p == '-')
        g_string_append_c (out, *p);
      else if (*p == '_')
        g_string_append (out, "__");
      else
        g_string_append_printf (out, "_%02X_", g_utf8_get_char (p));
      after_alphanumeric = is_alphanumeric;
    }
  return g_string_free (out, FALSE);
}
