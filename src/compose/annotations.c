/* SPDX-License-Identifier: Apache-2.0 */
/* How annotations are encoded: probabilities, lists of names. */
#include "compose/annotations.h"

#include <string.h>

enum { PROBABILITY_DIGITS = 10000 };

char *
varve_components_join (const GPtrArray *names)
{
  g_autoptr (GString) joined = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++)
    {
      g_string_append (joined, i > 0 ? "," : "");
      for (const char *c = names->pdata[i]; *c != '\0'; c++)
        g_string_append_c (joined, *c == ',' ? '_' : *c);
    }
  return g_string_free (g_steal_pointer (&joined), FALSE);
}

char *
varve_probability_to_string (guint32 probability)
{
  g_return_val_if_fail (probability <= VARVE_PROBABILITY_ONE, NULL);
  guint64 digits = ((guint64)probability * PROBABILITY_DIGITS + VARVE_PROBABILITY_ONE / 2) / VARVE_PROBABILITY_ONE;
  return g_strdup_printf ("%u.%04u", (guint)(digits / PROBABILITY_DIGITS), (guint)(digits % PROBABILITY_DIGITS));
}

gint64
varve_probability_from_string (const char *text)
{
  gsize length = strlen (text);
  if (length != strlen ("0.0000") || text[1] != '.' || (text[0] != '0' && text[0] != '1'))
    return -1;
  guint64 digits = (guint64)(text[0] - '0');
  for (gsize i = 2; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return -1;
      digits = digits * 10 + (guint64)(text[i] - '0');
    }
  return digits <= PROBABILITY_DIGITS ? (gint64)(digits * VARVE_PROBABILITY_ONE / PROBABILITY_DIGITS) : -1;
}
