/* SPDX-License-Identifier: Apache-2.0 */
/* The error domain, and text from outside made safe to print. */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "base/printable.h"

enum { ESCAPED_MAX_BYTES = 200 };

G_DEFINE_QUARK (varve - error - quark, varve_error)

gboolean
varve_set_errno (GError **error, int saved_errno, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, VARVE_ERROR, saved_errno == ENOENT ? VARVE_ERROR_NOT_FOUND : VARVE_ERROR_IO, "%s: %s", message,
               g_strerror (saved_errno));
  return FALSE;
}

char *
varve_escape (const char *text)
{
  return varve_escape_long (text, ESCAPED_MAX_BYTES);
}

char *
varve_escape_long (const char *text, gsize max_bytes)
{
  g_autoptr (GString) escaped = g_string_new (NULL);
  const char *end = text + strlen (text);
  for (const char *p = text; p < end;)
    {
      if (escaped->len >= max_bytes)
        {
          g_string_append (escaped, "…");
          break;
        }
      gunichar c = g_utf8_get_char_validated (p, end - p);
      gboolean is_valid = c != (gunichar)-1 && c != (gunichar)-2;
      if (!is_valid || (c < 0x80 && !varve_is_printable (c)))
        {
          g_string_append_printf (escaped, "\\x%02x", (guint8)*p++);
          continue;
        }
      if (varve_is_printable (c))
        g_string_append_unichar (escaped, c);
      else
        g_string_append_printf (escaped, c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
      p = g_utf8_next_char (p);
    }
  return g_string_free (g_steal_pointer (&escaped), FALSE);
}
