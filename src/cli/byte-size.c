/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/byte-size.h"

#include <string.h>

#include "base/error.h"

static const guint64 WHOLE_MAX = G_GUINT64_CONSTANT (1) << 53;

/* The factor of the letters after a number; 0 if they are unknown. */
static guint64
read_unit (const char *text)
{
  static const char LETTERS[] = "kMGT";
  guint64 unit = 1;
  int first = *text == 'K' ? 'k' : *text;
  const char *letter = *text != '\0' ? strchr (LETTERS, first) : NULL;
  if (letter != NULL)
    {
      text++;
      guint64 base = *text == 'i' ? 1024 : 1000;
      text += *text == 'i';
      for (gssize i = 0; i <= letter - LETTERS; i++)
        unit *= base;
    }
  text += *text == 'B';
  return *text == '\0' ? unit : 0;
}

gboolean
varve_byte_size_parse (const char *text, const char *option, guint64 *out_bytes, GError **error)
{
  guint64 whole = 0, fraction = 0, scale = 1;
  const char *c = text;
  for (; g_ascii_isdigit (*c) && whole < WHOLE_MAX / 10; c++)
    whole = whole * 10 + (guint64)(*c - '0');
  gboolean has_digits = c != text;
  if (*c == '.')
    for (c++; g_ascii_isdigit (*c) && c - text < 32; c++)
      if (scale < G_GUINT64_CONSTANT (1000000000))
        {
          fraction = fraction * 10 + (guint64)(*c - '0');
          scale *= 10;
        }
  guint64 unit = has_digits ? read_unit (c) : 0;
  if (unit > 0 && whole <= WHOLE_MAX / unit)
    {
      *out_bytes = whole * unit + (guint64)((unsigned __int128)fraction * unit / scale);
      return TRUE;
    }
  g_autofree char *escaped = varve_escape (text);
  g_set_error (error, VARVE_ERROR, VARVE_ERROR_USAGE,
               "%s '%s': expected a number of bytes, such as 100000000, 100M or 1.5G", option, escaped);
  return FALSE;
}
