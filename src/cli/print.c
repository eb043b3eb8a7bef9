/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes, lists of names and tables of layers, as several verbs print them. */
#include "cli/print.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/printable.h"

enum { WIDTH_DEFAULT = 100, WIDTH_MIN = 60, COMPONENTS_COLUMN = 33, STALE_COLUMN = 10 };

char *
varve_format_size (guint64 size_bytes)
{
  static const char *const UNITS[] = { "B", "kB", "MB", "GB", "TB", "PB" };
  if (size_bytes < 1000)
    return g_strdup_printf ("%u B", (guint)size_bytes);
  guint unit = 0;
  guint64 tenths = size_bytes * 10;
  for (; tenths >= 9995 && unit + 1 < G_N_ELEMENTS (UNITS); unit++)
    tenths = (tenths + 500) / 1000;
  return g_strdup_printf ("%u.%u %s", (guint)(tenths / 10), (guint)(tenths % 10), UNITS[unit]);
}

char *
varve_format_count (guint64 n, const char *noun)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %s%s", n, noun, n == 1 ? "" : "s");
}

char *
varve_format_day (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time);
  return date != NULL ? g_date_time_format (date, "%Y-%m-%d") : NULL;
}

char *
varve_format_stale (const VarveStaleTotal *stale)
{
  if (stale->n_objects == 0)
    return NULL;
  g_autofree char *size = varve_format_size (stale->size_bytes),
                  *layers = varve_format_count (stale->n_layers, "layer");
  if (stale->live_bytes == 0)
    return g_strdup_printf ("%s in %s", size, layers);
  g_autofree char *day = varve_format_day (stale->since);
  return g_strdup_printf ("%s in %s (%.1f %%)%s%s", size, layers, 100 * varve_stale_share (stale),
                          day != NULL ? ", the oldest since " : "", day != NULL ? day : "");
}

char *
varve_format_kept (const VarveReport *report)
{
  g_autofree char *size = varve_format_size (varve_report_kept_bytes (report)),
                  *layers = varve_format_count (varve_report_kept_layers (report), "layer");
  return varve_report_kept_layers (report) > 0
             ? g_strdup_printf ("although partly stale: %s, %s not downloaded again", layers, size)
             : NULL;
}

/* json-c escapes only the controls of ASCII. The others that are not printable occur only in strings. */
static void
print_json_character (gunichar c)
{
  char utf8[7] = "";
  (void)g_unichar_to_utf8 (c, utf8);
  if (c == '\n' || varve_is_printable (c))
    fputs (utf8, stdout);
  else if (c < 0x10000)
    printf ("\\u%04x", c);
  else
    printf ("\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

void
varve_print_json (json_object *json)
{
  g_autofree char *text
      = g_utf8_make_valid (json_object_to_json_string_ext (json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
                                                                     | JSON_C_TO_STRING_NOSLASHESCAPE),
                           -1);
  for (const char *next = text; *next != '\0'; next = g_utf8_next_char (next))
    print_json_character (g_utf8_get_char (next));
  putchar ('\n');
}

char *
varve_format_names (const GPtrArray *names, gsize width)
{
  g_autoptr (GString) list = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *name = varve_escape (names->pdata[i]);
      gsize length = (gsize)g_utf8_strlen (list->str, -1) + (gsize)g_utf8_strlen (name, -1);
      if (i > 0 && length + strlen (", and 9999 more") > width)
        {
          g_string_append_printf (list, " and %u more", names->len - i);
          break;
        }
      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", name);
    }
  return g_string_free (g_steal_pointer (&list), FALSE);
}

gsize
varve_terminal_width (void)
{
  struct winsize size;
  if (!isatty (STDOUT_FILENO) || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return WIDTH_DEFAULT;
  return MAX (size.ws_col, WIDTH_MIN);
}

static guint64
shown_bytes (const VarveReportLayer *layer)
{
  return layer->state == VARVE_LAYER_PLANNED ? layer->expected_bytes : layer->size_bytes;
}

static char *
layer_names (const VarveReportLayer *layer, gsize width)
{
  if (layer->is_commit)
    return g_strdup ("(the commit: metadata and directories)");
  if (layer->is_whiteouts)
    return g_strdup ("(whiteouts: hide what is stale from containers)");
  return varve_format_names (layer->components, width);
}

static void
print_stale (const VarveReportLayer *layer)
{
  g_autofree char *size = layer->stale_objects > 0 ? varve_format_size (layer->stale_bytes) : g_strdup ("-");
  printf (" %9s", size);
}

static void
print_layer (const VarveReport *report, guint number, guint64 total_bytes, gsize width)
{
  const VarveReportLayer *layer = varve_report_layer (report, number);
  guint64 bytes = shown_bytes (layer);
  gboolean has_stale = varve_report_stale (report).n_objects > 0;
  g_autofree char *size = bytes > 0 ? varve_format_size (bytes) : g_strdup ("-");
  g_autofree char *share
      = bytes > 0 ? g_strdup_printf ("%.1f %%", 100.0 * (double)bytes / (double)MAX (total_bytes, 1)) : g_strdup ("-");
  g_autofree char *chance
      = layer->probability >= 0
            ? g_strdup_printf ("%.1f %%", 100.0 * (double)layer->probability / VARVE_PROBABILITY_ONE)
            : g_strdup ("-");
  g_autofree char *names = layer_names (layer, width - COMPONENTS_COLUMN - (has_stale ? STALE_COLUMN : 0));
  printf ("%5u %9s %7s %8s", number, size, share, chance);
  if (has_stale)
    print_stale (layer);
  printf ("  %s%s\n", layer->state == VARVE_LAYER_REUSED ? "= " : "", names);
}

void
varve_print_layers (const VarveReport *report)
{
  guint64 total_bytes = 0;
  for (guint i = 0; i < report->layers->len; i++)
    total_bytes += shown_bytes (varve_report_layer (report, i));
  gsize width = varve_terminal_width ();
  printf ("%5s %9s %7s %8s", "LAYER", "SIZE", "SHARE", "CHANGES");
  if (varve_report_stale (report).n_objects > 0)
    printf (" %9s", "STALE");
  puts ("  COMPONENTS");
  for (guint i = 0; i < report->layers->len; i++)
    print_layer (report, i, total_bytes, width);
}
