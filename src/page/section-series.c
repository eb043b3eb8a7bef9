/* SPDX-License-Identifier: Apache-2.0 */
/* A series of releases: each update compared with what changed, the layers of each release, the largest causes. */
#include "page/section.h"

#include <string.h>

#include "page/markup.h"
#include "page/plot.h"
#include "page/stale-item.h"

enum { AGE_MAX = 6, CAUSES_MAX = 12, CELLS_MAX = 1000 };

static double
largest_step (json_object *series)
{
  json_object *steps = varve_markup_array (series, "steps");
  double most = 0;
  for (guint i = 0; i < varve_markup_length (steps); i++)
    {
      double bytes = varve_markup_number (varve_markup_item (steps, i), "digest_bytes");
      most = MAX (most, bytes);
    }
  return most;
}

static char *
cost_text (double bytes, double ratio)
{
  g_autofree char *size = varve_markup_size (bytes);
  return ratio > 0 ? g_strdup_printf ("%s  × %.3f", size, ratio) : g_strdup (size);
}

/* A bar of the components that changed, the unchanged ones in the same layers, and the commit layer. */
static void
series_add_step (GString *out, json_object *step, const char *label, double full)
{
  double bytes = varve_markup_number (step, "digest_bytes"), commit = varve_markup_number (step, "commit_layer_bytes");
  double bound = varve_markup_has (step, "bound_bytes") ? varve_markup_number (step, "bound_bytes") : bytes - commit;
  double rest = MAX (bytes - commit, 0), moved = MAX (rest - bound, 0);
  g_autofree char *value = cost_text (bytes, varve_markup_number (step, "ratio"));
  if (varve_markup_has (step, "moved_bytes")) /* the bound counts components whole, also what hosts have of them */
    moved = CLAMP (varve_markup_number (step, "moved_bytes"), 0, rest);
  VarvePlotPiece pieces[] = {
    { rest - moved, varve_markup_has (step, "bound_bytes") ? "what" : "other", "components that changed" },
    { moved, "more", "unchanged components in the same layers" },
    { commit, "commit", "commit layer" },
  };
  VarvePlotBar bar = { label, value, pieces, G_N_ELEMENTS (pieces), full, -1 };
  varve_plot_bar (out, &bar);
}

static void
series_add_legend (GString *out)
{
  varve_plot_legend (out, (const char *const[]){ "what", "components that changed", "more",
                                                 "unchanged components in the same layers", "commit", "commit layer",
                                                 NULL });
}

static void
series_add_steps (GString *out, json_object *series)
{
  json_object *steps = varve_markup_array (series, "steps");
  double full = largest_step (series);
  g_string_append (out, "<h3>Each update</h3>\n");
  varve_plot_bars_begin (out);
  for (guint i = 0; i < varve_markup_length (steps); i++)
    {
      json_object *step = varve_markup_item (steps, i);
      series_add_step (out, step, varve_markup_string (step, "to"), full);
    }
  varve_plot_bars_end (out);
  series_add_legend (out);
}

/* The number of consecutive images, up to this one, that have the layer. */
static guint
layer_age (GHashTable *ages, const char *digest)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (ages, digest));
}

static char *
layer_title (json_object *layer, guint age)
{
  json_object *names = varve_markup_array (layer, "components");
  g_autofree char *size = varve_markup_size (varve_markup_number (layer, "size_bytes"));
  g_autoptr (GString) title = g_string_new (size);
  for (guint i = 0; i < varve_markup_length (names); i++)
    {
      json_object *name = varve_markup_item (names, i);
      if (json_object_is_type (name, json_type_string))
        g_string_append_printf (title, "%s %s", i == 0 ? ":" : ",", json_object_get_string (name));
    }
  double more = varve_markup_number (layer, "n_components") - varve_markup_length (names);
  if (more > 0)
    g_string_append_printf (title, " and %.0f more", more);
  g_string_append (title, age == 0 ? "; new" : "; kept");
  return g_string_free (g_steal_pointer (&title), FALSE);
}

static double
image_bytes (json_object *image)
{
  json_object *layers = varve_markup_array (image, "layers");
  double bytes = 0;
  for (guint i = 0; i < varve_markup_length (layers); i++)
    bytes += varve_markup_number (varve_markup_item (layers, i), "size_bytes");
  return bytes;
}

static GHashTable *
age_layers (json_object *layers, GHashTable *before)
{
  GHashTable *ages = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < varve_markup_length (layers); i++)
    {
      const char *digest = varve_markup_string (varve_markup_item (layers, i), "digest");
      if (digest != NULL)
        g_hash_table_insert (ages, (gpointer)digest,
                             GUINT_TO_POINTER (before == NULL ? 1 : layer_age (before, digest) + 1));
    }
  return ages;
}

static void
series_add_strip (GString *out, json_object *image, GHashTable *ages, gboolean is_first, double full)
{
  static const char *const FILLS[AGE_MAX + 1] = { "age0", "age1", "age2", "age3", "age4", "age5", "age6" };
  json_object *layers = varve_markup_array (image, "layers");
  guint n_cells = MIN (varve_markup_length (layers), CELLS_MAX), n_new = 0;
  g_autofree VarvePlotCell *cells = g_new0 (VarvePlotCell, MAX (n_cells, 1));
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n_cells; i++)
    {
      json_object *layer = varve_markup_item (layers, i);
      const char *digest = varve_markup_string (layer, "digest");
      guint age = digest != NULL ? layer_age (ages, digest) : 1, shown = is_first ? 1 : MIN (MAX (age, 1) - 1, AGE_MAX);
      char *title = layer_title (layer, shown);
      g_ptr_array_add (titles, title);
      n_new += shown == 0;
      cells[i] = (VarvePlotCell){ varve_markup_number (layer, "size_bytes"), FILLS[shown], title };
    }
  g_autofree char *size = varve_markup_size (image_bytes (image));
  g_autofree char *value = is_first ? g_strdup_printf ("%u layer%s, %s", n_cells, n_cells == 1 ? "" : "s", size)
                                    : g_strdup_printf ("%u of %u new", n_new, n_cells);
  varve_plot_strip (out, varve_markup_string (image, "label"), value, cells, n_cells, full);
}

static void
series_add_strips (GString *out, json_object *series)
{
  json_object *images = varve_markup_array (series, "images");
  g_autoptr (GHashTable) before = NULL;
  double full = 0;
  for (guint i = 0; i < varve_markup_length (images); i++)
    full = MAX (full, image_bytes (varve_markup_item (images, i)));
  g_string_append (out, "<h3>Layers of each release</h3>\n<p class=\"soft\">Each layer is as wide as its size, in the "
                        "order of the manifest. The longer a layer is kept, the stronger its colour.</p>\n");
  varve_plot_bars_begin (out);
  for (guint i = 0; i < varve_markup_length (images); i++)
    {
      json_object *image = varve_markup_item (images, i);
      GHashTable *ages = age_layers (varve_markup_array (image, "layers"), before);
      series_add_strip (out, image, ages, i == 0, full);
      g_clear_pointer (&before, g_hash_table_unref);
      before = ages;
    }
  varve_plot_bars_end (out);
  static const char *const LEGEND[] = {
    "age0", "new: hosts download it", "age1", "kept once, or in the first release", "age3", "kept three times",
    "age6", "kept six times or more", NULL,
  };
  varve_plot_legend (out, LEGEND);
}

/* Causes, summed over all updates. */

typedef struct {
  const char *name;
  double bytes;
  guint updates;
} Cause;

static int
compare_causes (gconstpointer a, gconstpointer b)
{
  const Cause *left = a, *right = b;
  if (left->bytes != right->bytes)
    return left->bytes > right->bytes ? -1 : 1;
  return strcmp (left->name, right->name);
}

static void
causes_count (GArray *causes, json_object *item)
{
  const char *name = varve_markup_string (item, "component");
  if (name == NULL)
    return;
  for (guint i = 0; i < causes->len; i++)
    {
      Cause *cause = &g_array_index (causes, Cause, i);
      if (strcmp (cause->name, name) != 0)
        continue;
      cause->bytes += varve_markup_number (item, "size_bytes");
      cause->updates++;
      return;
    }
  g_array_append_vals (causes, &(Cause){ name, varve_markup_number (item, "size_bytes"), 1 }, 1);
}

static void
series_add_causes (GString *out, json_object *series)
{
  json_object *steps = varve_markup_array (series, "steps");
  guint n_steps = varve_markup_length (steps);
  g_autoptr (GArray) causes = g_array_new (FALSE, FALSE, sizeof (Cause));
  for (guint i = 0; i < n_steps; i++)
    {
      json_object *list = varve_markup_array (varve_markup_item (steps, i), "causes");
      for (guint c = 0; c < varve_markup_length (list); c++)
        causes_count (causes, varve_markup_item (list, c));
    }
  g_array_sort (causes, compare_causes);
  if (causes->len == 0 || g_array_index (causes, Cause, 0).bytes <= 0)
    return;
  g_string_append (out, "<h3>Largest causes</h3>\n<p class=\"soft\">Components that changed, summed over all "
                        "updates.</p>\n");
  varve_plot_bars_begin (out);
  for (guint i = 0; i < MIN (causes->len, CAUSES_MAX); i++)
    {
      const Cause *cause = &g_array_index (causes, Cause, i);
      g_autofree char *size = varve_markup_size (cause->bytes),
                      *value = g_strdup_printf ("%s in %u of %u", size, cause->updates, n_steps);
      VarvePlotPiece piece = { cause->bytes, "what", NULL };
      VarvePlotBar bar = { cause->name, value, &piece, 1, g_array_index (causes, Cause, 0).bytes, -1 };
      varve_plot_bar (out, &bar);
    }
  varve_plot_bars_end (out);
}

/* A table of updates that skip releases, for one series or for two side by side. */

static void
series_add_cells (GString *out, json_object *lag)
{
  g_autofree char *size = varve_markup_size (varve_markup_number (lag, "digest_bytes"));
  double ratio = varve_markup_number (lag, "ratio");
  varve_markup_printf (out, "<td class=\"n\">%s</td>", size);
  if (ratio > 0)
    g_string_append_printf (out, "<td class=\"n\">× %.3f</td>", ratio);
  else
    g_string_append (out, "<td class=\"n\">–</td>");
}

static void
series_add_lags (GString *out, json_object *series, json_object *other)
{
  static const char *const KEYS[] = { "1", "3", "6" }, *const NAMES[] = { "to the next release", "3 releases ahead",
                                                                          "6 releases ahead" };
  g_string_append (out, "<h3>Hosts that skip releases</h3>\n<div class=\"scroll\"><table><tr><th>Update</th>"
                        "<th class=\"n\">Updates</th>");
  g_string_append (out, other != NULL
                            ? "<th class=\"n\">With --previous</th><th></th><th class=\"n\">Without</th><th></th>"
                            : "<th class=\"n\">Mean</th><th></th>");
  g_string_append (out, "<th class=\"n\">Components that changed</th></tr>\n");
  for (guint i = 0; i < G_N_ELEMENTS (KEYS); i++)
    {
      json_object *lag = varve_markup_object (varve_markup_object (series, "lags"), KEYS[i]);
      if (lag == NULL)
        continue;
      varve_markup_printf (out, "<tr><td>%s</td><td class=\"n\">%.0f</td>", NAMES[i],
                           varve_markup_number (lag, "updates"));
      series_add_cells (out, lag);
      if (other != NULL)
        series_add_cells (out, varve_markup_object (varve_markup_object (other, "lags"), KEYS[i]));
      g_autofree char *bound = varve_markup_size (varve_markup_number (lag, "bound_bytes"));
      varve_markup_printf (out, "<td class=\"n\">%s</td></tr>\n", varve_markup_has (lag, "bound_bytes") ? bound : "–");
    }
  g_string_append (out, "</table></div>\n");
}

static void
series_add_lead (GString *out, json_object *series)
{
  json_object *lag = varve_markup_object (varve_markup_object (series, "lags"), "1");
  g_autofree char *mean = varve_markup_size (varve_markup_number (lag, "digest_bytes"));
  g_autofree char *full = varve_markup_size (varve_markup_number (series, "full_bytes"));
  g_autofree char *most = varve_markup_size (varve_markup_number (lag, "max_bytes"));
  double ratio = varve_markup_number (lag, "ratio");
  varve_markup_printf (out, "<ul class=\"lead\"><li><b>%s</b><span>mean update</span></li>", mean);
  if (ratio > 0)
    g_string_append_printf (out, "<li><b>× %.3f</b><span>size of the changed components</span></li>", ratio);
  varve_markup_printf (out,
                       "<li><b>%s</b><span>largest update</span></li><li><b>%s</b><span>first installation</span></li>",
                       most, full);
  varve_stale_item (out, series);
  g_string_append (out, "</ul>\n");
}

void
varve_section_series (GString *out, json_object *document)
{
  series_add_lead (out, document);
  series_add_steps (out, document);
  series_add_lags (out, document, NULL);
  series_add_strips (out, document);
  series_add_causes (out, document);
}

void
varve_section_series_pair (GString *out, json_object *document)
{
  json_object *both = varve_markup_object (document, "rows");
  json_object *previous = varve_markup_object (both, "previous"), *afresh = varve_markup_object (both, "afresh");
  json_object *steps = varve_markup_array (previous, "steps"), *others = varve_markup_array (afresh, "steps");
  double full = MAX (largest_step (previous), largest_step (afresh));
  series_add_lead (out, previous);
  g_string_append (out, "<h3>Each update, built with and without --previous</h3>\n");
  varve_plot_pairs_begin (out);
  for (guint i = 0; i < MIN (varve_markup_length (steps), varve_markup_length (others)); i++)
    {
      json_object *step = varve_markup_item (steps, i);
      series_add_step (out, step, varve_markup_string (step, "to"), full);
      series_add_step (out, varve_markup_item (others, i), "without --previous", full);
    }
  varve_plot_bars_end (out);
  series_add_legend (out);
  series_add_lags (out, previous, afresh);
  series_add_strips (out, previous);
  series_add_causes (out, previous);
}
