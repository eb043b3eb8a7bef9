/* SPDX-License-Identifier: Apache-2.0 */
/* Packing policies, and the time of a build, compared with their lower bounds. */
#include "page/section.h"

#include "page/markup.h"
#include "page/plot.h"

static void
replay_add_policies (GString *out, json_object *document, const char *key, const char *bound_key)
{
  json_object *policies = varve_markup_object (document, "policies");
  double bound = varve_markup_number (document, bound_key), most = bound;
  json_object_object_foreach (policies, name, policy)
  {
    (void)name;
    double bytes = varve_markup_number (policy, key);
    most = MAX (most, bytes);
  }
  varve_plot_bars_begin (out);
  json_object_object_foreach (policies, policy_name, policy_value)
  {
    double bytes = varve_markup_number (policy_value, key);
    g_autofree char *size = varve_markup_size (bytes);
    g_autofree char *value = bound > 0 ? g_strdup_printf ("%s  × %.3f", size, bytes / bound) : g_strdup (size);
    VarvePlotPiece pieces[] = {
      { MIN (bound, bytes), "what", "packages that changed" },
      { MAX (bytes - bound, 0), "more", "unchanged packages in the same layers" },
    };
    VarvePlotBar bar = { policy_name, value, pieces, G_N_ELEMENTS (pieces), most, bound };
    varve_plot_bar (out, &bar);
  }
  varve_plot_bars_end (out);
}

static void
replay_add_table (GString *out, json_object *document)
{
  json_object *policies = varve_markup_object (document, "policies");
  g_string_append (
      out, "<div class=\"scroll\"><table><tr><th>Policy</th><th class=\"n\">Mean</th><th class=\"n\">Median</th>"
           "<th class=\"n\">90th percentile</th><th class=\"n\">New installation</th><th class=\"n\">Stale</th>"
           "<th class=\"n\">Layers</th></tr>\n");
  json_object_object_foreach (policies, name, policy)
  {
    g_autofree char *mean = varve_markup_size (varve_markup_number (policy, "bytes"));
    g_autofree char *median = varve_markup_size (varve_markup_number (policy, "median_bytes"));
    g_autofree char *p90 = varve_markup_size (varve_markup_number (policy, "p90_bytes"));
    g_autofree char *full = varve_markup_size (varve_markup_number (policy, "full_bytes"));
    g_string_append (out, "<tr><td>");
    varve_markup_text (out, name);
    varve_markup_printf (out, "</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>", mean,
                         median, p90);
    varve_markup_printf (out, "<td class=\"n\">%s</td><td class=\"n\">%.1f %%</td>", full,
                         100 * varve_markup_number (policy, "stale_share"));
    varve_markup_printf (out, "<td class=\"n\">%.0f</td></tr>\n", varve_markup_number (policy, "layers"));
  }
  g_string_append (out, "</table></div>\n");
}

void
varve_section_replay (GString *out, json_object *document)
{
  g_autofree char *full = varve_markup_size (varve_markup_number (document, "full_bytes"));
  g_autofree char *bound = varve_markup_size (varve_markup_number (document, "bound_bytes"));
  varve_markup_printf (out,
                       "<ul class=\"lead\"><li><b>%.0f</b><span>updates</span></li><li><b>%s</b>"
                       "<span>mean size of the packages that changed</span></li>"
                       "<li><b>%s</b><span>whole system</span></li></ul>\n<h3>Mean update</h3>\n",
                       varve_markup_number (document, "steps"), bound, full);
  replay_add_policies (out, document, "bytes", "bound_bytes");
  varve_plot_legend (out, (const char *const[]){ "what", "packages that changed", "more",
                                                 "unchanged packages in the same layers", NULL });
  if (varve_markup_number (document, "bound_lag3_bytes") > 0)
    {
      g_string_append (out, "<h3>An update that skips two releases</h3>\n");
      replay_add_policies (out, document, "lag3_bytes", "bound_lag3_bytes");
    }
  replay_add_table (out, document);
}

static void
speed_add_bar (GString *out, const char *label, double seconds, const char *fill, double full)
{
  g_autofree char *value = g_strdup_printf ("%.2f s", seconds);
  VarvePlotPiece piece = { seconds, fill, NULL };
  VarvePlotBar bar = { label, value, &piece, 1, full, -1 };
  varve_plot_bar (out, &bar);
}

void
varve_section_speed (GString *out, json_object *document)
{
  double build = varve_markup_number (document, "build_seconds"),
         limit = varve_markup_number (document, "limit_seconds");
  double rebuild = varve_markup_number (document, "rebuild_seconds"), most = MAX (MAX (build, limit), rebuild);
  g_autofree char *raw = varve_markup_size (varve_markup_number (document, "raw_bytes"));
  g_autofree char *image = varve_markup_size (varve_markup_number (document, "image_bytes"));
  g_autofree char *memory = varve_markup_size (varve_markup_number (document, "peak_memory_bytes"));
  varve_markup_printf (out,
                       "<ul class=\"lead\"><li><b>× %.2f</b><span>lower bound</span></li><li><b>%s</b>"
                       "<span>input, for an image of %s</span></li>"
                       "<li><b>%s</b><span>peak memory</span></li></ul>\n",
                       varve_markup_number (document, "ratio"), raw, image, memory);
  varve_plot_bars_begin (out);
  speed_add_bar (out, "build", build, "more", most);
  speed_add_bar (out, "lower bound: compressing and hashing the same bytes", limit, "what", most);
  speed_add_bar (out, "rebuild", rebuild, "other", most);
  varve_plot_bars_end (out);
}
