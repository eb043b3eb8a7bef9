/* SPDX-License-Identifier: Apache-2.0 */
#include "base/printable.h"

/* Characters that are invisible but not of a type that tells so: Unicode's Default_Ignorable_Code_Point. */
static gboolean
is_ignorable (gunichar c)
{
  static const struct {
    gunichar first, last;
  } RANGES[] = {
    { 0x034f, 0x034f }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },   { 0x2060, 0x206f },
    { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xffa0, 0xffa0 }, { 0xe0000, 0xe0fff },
  };
  for (guint i = 0; i < G_N_ELEMENTS (RANGES); i++)
    if (c >= RANGES[i].first && c <= RANGES[i].last)
      return TRUE;
  return FALSE;
}

gboolean
varve_is_printable (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return FALSE;
    default:
      return !is_ignorable (c);
    }
}
