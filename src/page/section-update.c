/* SPDX-License-Identifier: Apache-2.0 */
/* One update: its size for each kind of client, the new layers, and what changed without a package change. */
#include "page/section.h"

#include "page/markup.h"
#include "page/plot.h"
#include "page/stale-item.h"

enum { NAMES_MAX = 24 };

static void
update_add_bar (GString *out, const char *label, double bytes, const char *more, const char *fill, double full)
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
update_add_sizes (GString *out, json_object *document)
{
  json_object *clients = varve_markup_object (document, "clients"), *bounds = varve_markup_object (document, "bounds");
  json_object *digest = varve_markup_object (clients, "digest"), *diff_id = varve_markup_object (clients, "diff_id");
  g_autofree char *by_digest = layers_text (digest), *by_diff_id = layers_text (diff_id);
  double packages = varve_markup_number (bounds, "package_bytes"),
         objects = varve_markup_number (bounds, "object_bytes");
  double most = varve_markup_number (digest, "bytes"), other = varve_markup_number (diff_id, "bytes");
  most = MAX (MAX (most, other), MAX (packages, objects));
  varve_plot_bars_begin (out);
  update_add_bar (out, "client that compares digests", varve_markup_number (digest, "bytes"), by_digest, "more", most);
  update_add_bar (out, "client that compares diff IDs", other, by_diff_id, "more", most);
  if (varve_markup_has (bounds, "package_bytes"))
    update_add_bar (out, "components that changed", packages, NULL, "what", most);
  if (varve_markup_has (bounds, "object_bytes"))
    update_add_bar (out, "files that changed", objects, "compressed one by one", "what", most);
  varve_plot_bars_end (out);
}

static void
update_add_kept (GString *out, json_object *document)
{
  g_autofree char *kept = varve_markup_size (varve_markup_number (document, "kept_stale_bytes"));
  if (varve_markup_number (document, "kept_stale_layers") > 0)
    varve_markup_printf (out, "<li><b>%s</b><span>kept although partly stale</span></li>", kept);
}

static void
update_add_lead (GString *out, json_object *document)
{
  json_object *digest = varve_markup_object (varve_markup_object (document, "clients"), "digest");
  g_autofree char *update = varve_markup_size (varve_markup_number (digest, "bytes"));
  g_autofree char *whole = varve_markup_size (varve_markup_number (document, "image_bytes"));
  double ratio = varve_markup_number (document, "ratio");
  varve_markup_printf (out, "<ul class=\"lead\"><li><b>%s</b><span>update</span></li>", update);
  if (ratio > 0)
    g_string_append_printf (
        out, "<li><b>× %.3f</b><span>size of the changed components, without the commit layer</span></li>", ratio);
  varve_markup_printf (
      out, "<li><b>%.0f of %.0f</b><span>layers are new</span></li><li><b>%s</b><span>whole image</span></li>",
      varve_markup_number (digest, "layers"), varve_markup_number (document, "layers"), whole);
  varve_stale_item (out, document);
  update_add_kept (out, document);
  g_string_append (out, "</ul>\n");
}

static void
update_add_names (GString *out, json_object *names)
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
update_add_unchanged (GString *out, json_object *names)
{
  if (varve_markup_length (names) == 0)
    return;
  g_string_append (out, "<div class=\"soft\">unchanged: ");
  update_add_names (out, names);
  g_string_append (out, "</div>");
}

static void
update_add_layers (GString *out, json_object *document)
{
  json_object *layers = varve_markup_array (document, "changed");
  if (varve_markup_length (layers) == 0)
    return;
  g_string_append (out, "<h3>New layers</h3>\n<div class=\"scroll\"><table><tr><th class=\"n\">Layer</th>"
                        "<th class=\"n\">Size</th><th>Components</th></tr>\n");
  for (guint i = 0; i < varve_markup_length (layers); i++)
    {
      json_object *layer = varve_markup_item (layers, i);
      g_autofree char *size = varve_markup_size (varve_markup_number (layer, "size_bytes"));
      varve_markup_printf (out, "<tr><td class=\"n\">%.0f</td><td class=\"n\">%s</td><td class=\"names\">",
                           varve_markup_number (layer, "layer"), size);
      if (varve_markup_has (layer, "commit"))
        g_string_append (out, "<span class=\"soft\">commit layer: metadata and directories</span>");
      if (varve_markup_has (layer, "whiteouts"))
        g_string_append (out, "<span class=\"soft\">whiteouts: hide what is stale from containers</span>");
      update_add_names (out, varve_markup_array (layer, "components_changed"));
      update_add_unchanged (out, varve_markup_array (layer, "components_moved"));
      g_string_append (out, "</td></tr>\n");
    }
  g_string_append (out, "</table></div>\n");
}

static void
noise_add_cause (GString *out, json_object *cause)
{
  json_object *paths = varve_markup_array (cause, "paths");
  g_autofree char *size = varve_markup_size (varve_markup_number (cause, "raw_bytes"));
  double files = varve_markup_number (cause, "files");
  varve_markup_printf (out, "<p class=\"soft\">%.0f file%s of %s: <code>", files, files == 1 ? "" : "s", size);
  update_add_names (out, paths);
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
noise_add_item (GString *out, json_object *item, double update_bytes)
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
    g_string_append (out, "<p>The kernel changed too, so this change was necessary.</p>\n");
  if (varve_markup_has (item, "packed_inside"))
    g_string_append (
        out, "<p>The content is compressed, so neither the layer’s compression nor a delta can reduce it.</p>\n");
  for (guint i = 0; i < varve_markup_length (causes); i++)
    noise_add_cause (out, varve_markup_item (causes, i));
  g_string_append (out, "</div>\n");
}

static void
update_add_noise (GString *out, json_object *document)
{
  json_object *list = varve_markup_array (document, "without_package");
  double update_bytes
      = varve_markup_number (varve_markup_object (varve_markup_object (document, "clients"), "digest"), "bytes");
  if (varve_markup_length (list) == 0)
    return;
  g_string_append (out, "<h3>Changed without a package change</h3>\n");
  for (guint i = 0; i < varve_markup_length (list); i++)
    noise_add_item (out, varve_markup_item (list, i), update_bytes);
}

void
varve_section_update (GString *out, json_object *document)
{
  g_string_append (out, "<p>From <code>");
  varve_markup_text (out, varve_markup_string (document, "old"));
  g_string_append (out, "</code> to <code>");
  varve_markup_text (out, varve_markup_string (document, "new"));
  g_string_append (out, "</code></p>\n");
  update_add_lead (out, document);
  update_add_sizes (out, document);
  update_add_layers (out, document);
  update_add_noise (out, document);
}
