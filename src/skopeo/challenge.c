/* SPDX-License-Identifier: Apache-2.0 */
#include "skopeo/challenge.h"

#include <string.h>

void
varve_challenge_clear (VarveChallenge *challenge)
{
  g_clear_pointer (&challenge->realm, g_free);
  g_clear_pointer (&challenge->service, g_free);
  g_clear_pointer (&challenge->scope, g_free);
}

/* A token or a quoted string; moves *@p behind it. */
static char *
read_value (const char **p)
{
  GString *value = g_string_new (NULL);
  if (**p != '"')
    {
      for (; **p != '\0' && **p != ',' && !g_ascii_isspace (**p); (*p)++)
        g_string_append_c (value, **p);
      return g_string_free (value, FALSE);
    }
  for ((*p)++; **p != '\0' && **p != '"'; (*p)++)
    {
      if (**p == '\\' && (*p)[1] != '\0')
        (*p)++;
      g_string_append_c (value, **p);
    }
  *p += **p == '"' ? 1 : 0;
  return g_string_free (value, FALSE);
}

static void
set_parameter (VarveChallenge *challenge, const char *name, char *value)
{
  char **place = g_str_equal (name, "realm")     ? &challenge->realm
                 : g_str_equal (name, "service") ? &challenge->service
                 : g_str_equal (name, "scope")   ? &challenge->scope
                                                 : NULL;
  if (place == NULL || *place != NULL)
    g_free (value);
  else
    *place = value;
}

void
varve_challenge_parse (const char *header, VarveChallenge *out_challenge)
{
  static const char BEARER[] = "bearer ";
  *out_challenge = (VarveChallenge){ 0 };
  if (g_ascii_strncasecmp (header, BEARER, strlen (BEARER)) != 0)
    return;
  for (const char *p = header + strlen (BEARER); *p != '\0';)
    {
      p += strspn (p, ", \t");
      gsize length = strcspn (p, "=, \t");
      if (p[length] != '=')
        {
          p += length;
          continue;
        }
      g_autofree char *name = g_ascii_strdown (p, (gssize)length);
      p += length + 1;
      set_parameter (out_challenge, name, read_value (&p));
    }
  out_challenge->is_bearer = out_challenge->realm != NULL;
}

static void
append_parameter (GString *url, const char *name, const char *value)
{
  if (value == NULL)
    return;
  g_autofree char *escaped = g_uri_escape_string (value, NULL, FALSE);
  g_string_append_printf (url, "%c%s=%s", strchr (url->str, '?') != NULL ? '&' : '?', name, escaped);
}

char *
varve_challenge_token_url (const VarveChallenge *challenge)
{
  GString *url = g_string_new (challenge->realm);
  append_parameter (url, "service", challenge->service);
  append_parameter (url, "scope", challenge->scope);
  return g_string_free (url, FALSE);
}
