/* SPDX-License-Identifier: Apache-2.0 */
#include "release/markdown.h"

#include <string.h>

#include "base/error.h"

enum { TEXT_MAX_BYTES = 200 };

static gsize
longest_run (const char *text, char c)
{
  gsize longest = 0, run = 0;
  for (const char *p = text; *p != '\0'; p++)
    {
      run = *p == c ? run + 1 : 0;
      longest = MAX (longest, run);
    }
  return longest;
}

/* The fence is longer than any run of backticks inside. */
static void
append_span (GString *out, const char *text, const char *pipe)
{
  g_autofree char *visible = varve_escape_long (text, TEXT_MAX_BYTES);
  g_autofree char *fence = g_strnfill (longest_run (visible, '`') + 1, '`');
  gsize length = strlen (visible);
  gboolean needs_space = length == 0 || visible[0] == '`' || visible[length - 1] == '`';
  g_auto (GStrv) pieces = g_strsplit (visible, "|", -1);
  g_autofree char *shown = g_strjoinv (pipe, pieces);
  g_string_append_printf (out, "%s%s%s%s%s", fence, needs_space ? " " : "", shown, needs_space ? " " : "", fence);
}

void
varve_markdown_append_code (GString *out, const char *text)
{
  append_span (out, text, "|");
}

/* A pipe ends the cell even in code, unless it is escaped. Elsewhere code has no escapes. */
void
varve_markdown_append_code_cell (GString *out, const char *text)
{
  append_span (out, text, "\\|");
}

void
varve_markdown_append_size (GString *out, guint64 size_bytes)
{
  static const char *const UNITS[] = { "B", "kB", "MB", "GB", "TB" };
  double value = (double)size_bytes;
  guint unit = 0;
  for (; value >= 999.95 && unit + 1 < G_N_ELEMENTS (UNITS); unit++)
    value /= 1000;
  if (unit == 0)
    g_string_append_printf (out, "%" G_GUINT64_FORMAT " B", size_bytes);
  else
    g_string_append_printf (out, "%.1f %s", value, UNITS[unit]);
}
