/* Packers against the bound, and a build against its limit. */
#include "page/section.h"

#include "page/markup.h"
#include "page/plot.h"

static void
add_policies (GString *out, json_object *document, const char *key, const char *bound_key)
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
      { MAX (bytes - bound, 0), "more", "downloaded with them" },
    };
    VarvePlotBar bar = { policy_name, value, pieces, G_N_ELEMENTS (pieces), most, bound };
    varve_plot_bar (out, &bar);
  }
  varve_plot_bars_end (out);
}

static void
add_table (GString *out, json_object *document)
{
  json_object *policies = varve_markup_object (document, "policies");
  g_string_append (
      out, "<div class=\"scroll\"><table><tr><th>Packer</th><th class=\"n\">Mean</th><th class=\"n\">Median</th>"
           "<th class=\"n\">90 %</th><th class=\"n\">Layers</th></tr>\n");
  json_object_object_foreach (policies, name, policy)
  {
    g_autofree char *mean = varve_markup_size (varve_markup_number (policy, "bytes"));
    g_autofree char *median = varve_markup_size (varve_markup_number (policy, "median_bytes"));
    g_autofree char *p90 = varve_markup_size (varve_markup_number (policy, "p90_bytes"));
    g_string_append (out, "<tr><td>");
    varve_markup_text (out, name);
    varve_markup_printf (out, "</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>", mean,
                         median, p90);
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
                       "<ul class=\"lead\"><li><b>%.0f</b><span>updates</span></li><li><b>%s</b><span>what changed, in "
                       "the mean</span></li>"
                       "<li><b>%s</b><span>the whole system</span></li></ul>\n<h3>An update, in the mean</h3>\n",
                       varve_markup_number (document, "steps"), bound, full);
  add_policies (out, document, "bytes", "bound_bytes");
  varve_plot_legend (out, (const char *const[]){ "what", "what changed", "more",
                                                 "what came with it: the price of sharing layers", NULL });
  if (varve_markup_number (document, "bound_lag3_bytes") > 0)
    {
      g_string_append (out, "<h3>An update that skips two releases</h3>\n");
      add_policies (out, document, "lag3_bytes", "bound_lag3_bytes");
    }
  add_table (out, document);
}

static void
add_seconds (GString *out, const char *label, double seconds, const char *fill, double full)
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
                       "<ul class=\"lead\"><li><b>× %.2f</b><span>of the limit</span></li><li><b>%s</b><span>becomes "
                       "an image of %s</span></li>"
                       "<li><b>%s</b><span>memory at most</span></li></ul>\n",
                       varve_markup_number (document, "ratio"), raw, image, memory);
  varve_plot_bars_begin (out);
  add_seconds (out, "build", build, "more", most);
  add_seconds (out, "limit: compress and hash the same bytes", limit, "what", most);
  add_seconds (out, "rebuild", rebuild, "other", most);
  varve_plot_bars_end (out);
}
