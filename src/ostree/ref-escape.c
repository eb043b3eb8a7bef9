#include "ostree/ref-escape.h"

#include <glib.h>

char *
varve_ref_escape (const char *text)
{
  GString *out = g_string_new (NULL);
  gboolean after_alphanumeric = FALSE;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gboolean is_alphanumeric = g_ascii_isalnum (*at);
      gboolean is_separator = *at == '/' && after_alphanumeric && at[1] != '\0';
      if (is_alphanumeric || is_separator || *at == '-')
        g_string_append_c (out, *at);
      else if (*at == '_')
        g_string_append (out, "__");
      else
        g_string_append_printf (out, "_%02X_", g_utf8_get_char (at));
      after_alphanumeric = is_alphanumeric;
    }
  return g_string_free (out, FALSE);
}
