/* One update: what it costs each kind of client, the layers, and what changed without its package. */
#include "page/section.h"

#include "page/markup.h"
#include "page/plot.h"

enum { NAMES_MAX = 24 };

static void
add_bar (GString *out, const char *label, double bytes, const char *more, const char *fill, double full)
{
  g_autofree char *size = varve_markup_size (bytes),
                  *value = more != NULL ? g_strdup_printf ("%s, %s", size, more) : g_strdup (size);
  VarvePlotPiece piece = { bytes, fill, NULL };
  VarvePlotBar bar = { label, value, &piece, 1, full, -1 };
  varve_plot_bar (out, &bar);
}

static char *
layers_text (json_object *client)
{
  double layers = varve_markup_number (client, "layers");
  return g_strdup_printf ("%.0f layer%s", layers, layers == 1 ? "" : "s");
}

static void
add_costs (GString *out, json_object *document)
{
  json_object *clients = varve_markup_object (document, "clients"), *bounds = varve_markup_object (document, "bounds");
  json_object *digest = varve_markup_object (clients, "digest"), *diff_id = varve_markup_object (clients, "diff_id");
  g_autofree char *by_digest = layers_text (digest), *by_diff_id = layers_text (diff_id);
  double packages = varve_markup_number (bounds, "package_bytes"),
         objects = varve_markup_number (bounds, "object_bytes");
  double most = varve_markup_number (digest, "bytes"), other = varve_markup_number (diff_id, "bytes");
  most = MAX (MAX (most, other), MAX (packages, objects));
  varve_plot_bars_begin (out);
  add_bar (out, "client by digest", varve_markup_number (digest, "bytes"), by_digest, "more", most);
  add_bar (out, "client by diff ID", other, by_diff_id, "more", most);
  if (varve_markup_has (bounds, "package_bytes"))
    add_bar (out, "components that changed", packages, NULL, "what", most);
  if (varve_markup_has (bounds, "object_bytes"))
    add_bar (out, "files that changed", objects, "each by itself", "what", most);
  varve_plot_bars_end (out);
}

static void
add_lead (GString *out, json_object *document)
{
  json_object *digest = varve_markup_object (varve_markup_object (document, "clients"), "digest");
  g_autofree char *update = varve_markup_size (varve_markup_number (digest, "bytes"));
  g_autofree char *whole = varve_markup_size (varve_markup_number (document, "image_bytes"));
  double ratio = varve_markup_number (document, "ratio");
  varve_markup_printf (out, "<ul class=\"lead\"><li><b>%s</b><span>the update</span></li>", update);
  if (ratio > 0)
    g_string_append_printf (out, "<li><b>× %.3f</b><span>of what changed, the commit layer apart</span></li>", ratio);
  varve_markup_printf (
      out,
      "<li><b>%.0f of %.0f</b><span>layers are new</span></li><li><b>%s</b><span>the whole image</span></li></ul>\n",
      varve_markup_number (digest, "layers"), varve_markup_number (document, "layers"), whole);
}

static void
add_names (GString *out, json_object *names)
{
  guint n_names = varve_markup_length (names);
  for (guint i = 0; i < MIN (n_names, NAMES_MAX); i++)
    {
      json_object *name = varve_markup_item (names, i);
      g_string_append (out, i > 0 ? ", " : "");
      if (json_object_is_type (name, json_type_string))
        varve_markup_text (out, json_object_get_string (name));
    }
  if (n_names > NAMES_MAX)
    g_string_append_printf (out, " and %u more", n_names - NAMES_MAX);
}

static void
add_moved (GString *out, json_object *names)
{
  if (varve_markup_length (names) == 0)
    return;
  g_string_append (out, "<div class=\"soft\">not changed: ");
  add_names (out, names);
  g_string_append (out, "</div>");
}

static void
add_layers (GString *out, json_object *document)
{
  json_object *layers = varve_markup_array (document, "changed");
  if (varve_markup_length (layers) == 0)
    return;
  g_string_append (out, "<h3>New layers</h3>\n<div class=\"scroll\"><table><tr><th class=\"n\">Layer</th><th "
                        "class=\"n\">Size</th><th>What changed "
                        "in it, and what came with that</th></tr>\n");
  for (guint i = 0; i < varve_markup_length (layers); i++)
    {
      json_object *layer = varve_markup_item (layers, i);
      g_autofree char *size = varve_markup_size (varve_markup_number (layer, "size_bytes"));
      varve_markup_printf (out, "<tr><td class=\"n\">%.0f</td><td class=\"n\">%s</td><td class=\"names\">",
                           varve_markup_number (layer, "layer"), size);
      if (varve_markup_has (layer, "commit"))
        g_string_append (out, "<span class=\"soft\">the commit: metadata and directories</span>");
      add_names (out, varve_markup_array (layer, "components_changed"));
      add_moved (out, varve_markup_array (layer, "components_moved"));
      g_string_append (out, "</td></tr>\n");
    }
  g_string_append (out, "</table></div>\n");
}

static void
add_cause (GString *out, json_object *cause)
{
  json_object *paths = varve_markup_array (cause, "paths");
  g_autofree char *size = varve_markup_size (varve_markup_number (cause, "raw_bytes"));
  double files = varve_markup_number (cause, "files");
  varve_markup_printf (out, "<p class=\"soft\">%.0f file%s of %s: <code>", files, files == 1 ? "" : "s", size);
  add_names (out, paths);
  g_string_append (out, files > varve_markup_length (paths) ? ", …</code></p>\n" : "</code></p>\n");
  if (varve_markup_string (cause, "advice") == NULL)
    return;
  g_string_append (out, "<p>Why: ");
  varve_markup_text (out, varve_markup_string (cause, "cause"));
  g_string_append (out, ".</p>\n<p><b>What to do:</b> ");
  varve_markup_text (out, varve_markup_string (cause, "advice"));
  g_string_append (out, ".</p>\n");
}

static void
add_item (GString *out, json_object *item, double update_bytes)
{
  json_object *causes = varve_markup_array (item, "causes");
  double bytes = varve_markup_number (item, "size_bytes");
  g_autofree char *size = varve_markup_size (bytes);
  g_string_append (out, "<div class=\"cause\"><p><b>");
  varve_markup_text (out, varve_markup_string (item, "component"));
  varve_markup_printf (out, "</b>: %s, %.1f %% of the update <span class=\"soft\">(", size,
                       update_bytes > 0 ? 100 * bytes / update_bytes : 0);
  varve_markup_text (out, varve_markup_string (item, "kind"));
  g_string_append (out, ")</span></p>\n");
  if (varve_markup_has (item, "kernel_changed"))
    g_string_append (out, "<p>The kernel changed too, so this time it had to.</p>\n");
  if (varve_markup_has (item, "packed_inside"))
    g_string_append (
        out, "<p>It is compressed inside: neither the layer’s compression nor a delta finds anything in it.</p>\n");
  for (guint i = 0; i < varve_markup_length (causes); i++)
    add_cause (out, varve_markup_item (causes, i));
  g_string_append (out, "</div>\n");
}

static void
add_noise (GString *out, json_object *document)
{
  json_object *list = varve_markup_array (document, "without_package");
  double update_bytes
      = varve_markup_number (varve_markup_object (varve_markup_object (document, "clients"), "digest"), "bytes");
  if (varve_markup_length (list) == 0)
    return;
  g_string_append (out, "<h3>Changed although its package did not</h3>\n");
  for (guint i = 0; i < varve_markup_length (list); i++)
    add_item (out, varve_markup_item (list, i), update_bytes);
}

void
varve_section_update (GString *out, json_object *document)
{
  g_string_append (out, "<p>From <code>");
  varve_markup_text (out, varve_markup_string (document, "old"));
  g_string_append (out, "</code> to <code>");
  varve_markup_text (out, varve_markup_string (document, "new"));
  g_string_append (out, "</code></p>\n");
  add_lead (out, document);
  add_costs (out, document);
  add_layers (out, document);
  add_noise (out, document);
}
