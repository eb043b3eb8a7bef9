/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of one image: size, probability of change, components. */
#include "page/section.h"

#include <stdlib.h>
#include <string.h>

#include "page/markup.h"
#include "page/plot.h"
#include "page/stale-item.h"

enum { TABLE_MAX = 130, NAMES_MAX = 8, SHADES = 5 };

static double
layer_bytes (json_object *layer)
{
  double bytes = varve_markup_number (layer, "size_bytes");
  return bytes > 0 ? bytes : varve_markup_number (layer, "expected_bytes");
}

static void
layer_append_names (GString *out, json_object *layer)
{
  json_object *names = varve_markup_array (layer, "components");
  guint n_names = varve_markup_length (names);
  for (guint i = 0; i < MIN (n_names, NAMES_MAX); i++)
    {
      json_object *name = varve_markup_item (names, i);
      if (json_object_is_type (name, json_type_string))
        g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", json_object_get_string (name));
    }
  if (n_names > NAMES_MAX)
    g_string_append_printf (out, " and %u more", n_names - NAMES_MAX);
}

/* Lighter shades for likelier changes; a colour of its own from 50 % on. */
static const char *
layer_shade (json_object *layer)
{
  static const char *const FILLS[SHADES + 1] = { "age6", "age5", "age4", "age3", "age2", "age0" };
  static const double LIMITS[SHADES] = { 0.01, 0.03, 0.08, 0.2, 0.5 };
  double probability = varve_markup_number (layer, "change_probability");
  guint shade = 0;
  if (!varve_markup_has (layer, "change_probability"))
    return "commit";
  while (shade < SHADES && probability >= LIMITS[shade])
    shade++;
  return FILLS[shade];
}

static void
layers_add_strip (GString *out, json_object *layers)
{
  guint n_layers = varve_markup_length (layers);
  g_autofree VarvePlotCell *cells = g_new0 (VarvePlotCell, MAX (n_layers, 1));
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  double full = 0;
  for (guint i = 0; i < n_layers; i++)
    {
      json_object *layer = varve_markup_item (layers, i);
      g_autofree char *size = varve_markup_size (layer_bytes (layer));
      g_autoptr (GString) title = g_string_new (size);
      g_string_append (title, ": ");
      layer_append_names (title, layer);
      char *text = g_string_free (g_steal_pointer (&title), FALSE);
      g_ptr_array_add (titles, text);
      cells[i] = (VarvePlotCell){ layer_bytes (layer), layer_shade (layer), text };
      full += layer_bytes (layer);
    }
  g_autofree char *value = varve_markup_size (full),
                  *label = g_strdup_printf ("%u layer%s", n_layers, n_layers == 1 ? "" : "s");
  varve_plot_bars_begin (out);
  varve_plot_strip (out, label, value, cells, n_layers, full);
  varve_plot_bars_end (out);
  static const char *const LEGEND[] = {
    "age6",   "changes in less than 1 % of builds", "age4", "3 to 8 %", "age2", "20 to 50 %", "age0", "50 % or more",
    "commit", "commit layer, or unknown",           NULL,
  };
  varve_plot_legend (out, LEGEND);
}

static void
layers_add_stale (GString *out, json_object *layer)
{
  g_autofree char *size = varve_markup_size (varve_markup_number (layer, "stale_bytes"));
  const char *since = varve_markup_string (layer, "stale_since");
  varve_markup_printf (out, "<td class=\"n\">%s", varve_markup_number (layer, "stale_objects") > 0 ? size : "–");
  if (since != NULL)
    varve_markup_printf (out, "<br><span class=\"soft\">since %s</span>", since);
  g_string_append (out, "</td>");
}

static void
layers_add_row (GString *out, json_object *layer, guint index, gboolean has_stale)
{
  g_autofree char *size = varve_markup_size (layer_bytes (layer));
  const char *state = varve_markup_string (layer, "state");
  double probability = varve_markup_number (layer, "change_probability");
  g_autoptr (GString) names = g_string_new (NULL);
  layer_append_names (names, layer);
  varve_markup_printf (out, "<tr><td class=\"n\">%u</td><td class=\"n\">%s</td>", index, size);
  if (varve_markup_has (layer, "change_probability"))
    g_string_append_printf (out, "<td class=\"n\">%.1f %%</td>", 100 * probability);
  else
    g_string_append (out, "<td class=\"n\">–</td>");
  if (has_stale)
    layers_add_stale (out, layer);
  g_string_append (out, "<td class=\"names\">");
  if (g_strcmp0 (state, "reused") == 0)
    g_string_append (out, "<span class=\"soft\">reused:</span> ");
  if (varve_markup_has (layer, "whiteouts"))
    g_string_append (out, "<span class=\"soft\">whiteouts: hide what is stale from containers</span>");
  else
    varve_markup_text (out, names->len > 0 ? names->str : "–");
  g_string_append (out, "</td></tr>\n");
}

void
varve_section_layers (GString *out, json_object *document)
{
  json_object *layers = varve_markup_array (document, "layers");
  gboolean has_stale = varve_markup_number (document, "stale_objects") > 0;
  double expected = 0;
  for (guint i = 0; i < varve_markup_length (layers); i++)
    expected += layer_bytes (varve_markup_item (layers, i))
                * varve_markup_number (varve_markup_item (layers, i), "change_probability");
  g_autofree char *next = varve_markup_size (expected);
  g_string_append (out, "<p><code>");
  varve_markup_text (out, varve_markup_string (document, "image"));
  g_string_append (out, "</code></p>\n");
  varve_markup_printf (out, "<ul class=\"lead\"><li><b>%s</b><span>expected size of the next update</span></li>", next);
  varve_stale_item (out, document);
  g_string_append (out, "</ul>\n");
  layers_add_strip (out, layers);
  g_string_append (out, "<div class=\"scroll\"><table><tr><th class=\"n\">Layer</th><th class=\"n\">Size</th>"
                        "<th class=\"n\">Probability of change</th>");
  g_string_append (out,
                   has_stale ? "<th class=\"n\">Stale</th><th>Components</th></tr>\n" : "<th>Components</th></tr>\n");
  for (guint i = 0; i < MIN (varve_markup_length (layers), TABLE_MAX); i++)
    layers_add_row (out, varve_markup_item (layers, i), i, has_stale);
  g_string_append (out, "</table></div>\n");
}
