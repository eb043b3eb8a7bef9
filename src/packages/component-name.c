/* SPDX-License-Identifier: Apache-2.0 */
/* Names are written to annotations and tables, so the rules are those of the strictest reader. */
#include "packages/component-name.h"

#include <string.h>

#include "base/digest.h"
#include "base/error.h"

enum { HASH_HEX_DIGITS = 16 };

static gboolean
is_forbidden (gunichar character)
{
  return character == ',' || g_unichar_iscntrl (character);
}

static const char *
name_fault (const char *name)
{
  if (name[0] == '\0')
    return "empty";
  if (strlen (name) > VARVE_COMPONENT_NAME_MAX_BYTES)
    return "longer than " G_STRINGIFY (VARVE_COMPONENT_NAME_MAX_BYTES) " bytes";
  if (!g_utf8_validate (name, -1, NULL))
    return "not UTF-8";
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    if (is_forbidden (g_utf8_get_char (p)))
      return *p == ',' ? "contains a comma" : "contains a control character";
  return NULL;
}

gboolean
varve_component_name_check (const char *name, GError **error)
{
  const char *fault = name_fault (name);
  if (fault == NULL)
    return TRUE;
  g_autofree char *escaped = varve_escape (name);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_CORRUPT, "component name '%s': %s", escaped, fault);
  return FALSE;
}

/* A percent sign is escaped too, so that different paths give different names. */
static void
append_escaped (GString *name, const char *path)
{
  for (const char *p = path; *p != '\0';)
    {
      gunichar character = g_utf8_get_char_validated (p, -1);
      gboolean is_invalid = character == (gunichar)-1 || character == (gunichar)-2;
      const char *next = is_invalid ? p + 1 : g_utf8_next_char (p);
      if (is_invalid || is_forbidden (character) || character == '%')
        for (; p < next; p++)
          g_string_append_printf (name, "%%%02X", (guint8)*p);
      else
        g_string_append_len (name, p, next - p);
      p = next;
    }
}

char *
varve_component_name_from_path (const char *prefix, const char *path)
{
  g_autoptr (GString) name = g_string_new (prefix);
  append_escaped (name, path);
  if (name->len <= VARVE_COMPONENT_NAME_MAX_BYTES)
    return g_string_free (g_steal_pointer (&name), FALSE);
  VarveDigest digest = varve_digest_of (name->str, name->len);
  g_autofree char *hex = varve_digest_to_hex (&digest);
  gsize keep = VARVE_COMPONENT_NAME_MAX_BYTES - HASH_HEX_DIGITS - 1;
  while (keep > 0 && ((guint8)name->str[keep] & 0xc0) == 0x80)
    keep--;
  g_string_truncate (name, keep);
  g_string_append_printf (name, "~%.*s", HASH_HEX_DIGITS, hex);
  return g_string_free (g_steal_pointer (&name), FALSE);
}
