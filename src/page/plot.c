/* SPDX-License-Identifier: Apache-2.0 */
/* Bars and strips in one coordinate system: WIDTH units are the full width, whatever the size on the screen. */
#include "page/plot.h"

#include "page/markup.h"

enum { WIDTH = 1000, BAR_HEIGHT = 20, STRIP_HEIGHT = 26 };
static const double GAP = 0.7; /* between the cells of a strip */

void
varve_plot_bars_begin (GString *out)
{
  g_string_append (out, "<div class=\"bars\">\n");
}

void
varve_plot_pairs_begin (GString *out)
{
  g_string_append (out, "<div class=\"bars pairs\">\n");
}

void
varve_plot_bars_end (GString *out)
{
  g_string_append (out, "</div>\n");
}

static void
plot_rect (GString *out, double x, double width, double height, const char *fill, const char *title)
{
  char left[G_ASCII_DTOSTR_BUF_SIZE], wide[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];
  varve_markup_printf (out, "<rect class=\"%s\" x=\"%s\" y=\"0\" width=\"%s\" height=\"%s\">", fill,
                       g_ascii_formatd (left, sizeof left, "%.2f", x),
                       g_ascii_formatd (wide, sizeof wide, "%.2f", width),
                       g_ascii_formatd (high, sizeof high, "%.0f", height));
  if (title != NULL)
    {
      g_string_append (out, "<title>");
      varve_markup_text (out, title);
      g_string_append (out, "</title>");
    }
  g_string_append (out, "</rect>");
}

static void
plot_begin_svg (GString *out, int height)
{
  g_string_append_printf (
      out, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">", WIDTH,
      height);
}

static void
plot_begin_row (GString *out, const char *kind, const char *label)
{
  g_string_append_printf (out, "<div class=\"%s\"><span class=\"label\">", kind);
  varve_markup_text (out, label);
  g_string_append (out, "</span>");
}

static void
plot_end_row (GString *out, const char *value)
{
  g_string_append (out, "</svg><span class=\"value\">");
  varve_markup_text (out, value);
  g_string_append (out, "</span></div>\n");
}

void
varve_plot_bar (GString *out, const VarvePlotBar *bar)
{
  double x = 0, scale = bar->full > 0 ? WIDTH / bar->full : 0;
  plot_begin_row (out, "bar", bar->label);
  plot_begin_svg (out, BAR_HEIGHT);
  for (guint i = 0; i < bar->n_pieces; i++)
    {
      double width = CLAMP (bar->pieces[i].bytes * scale, 0, WIDTH - x);
      if (width > 0)
        plot_rect (out, x, width, BAR_HEIGHT, bar->pieces[i].fill, bar->pieces[i].title);
      x += width;
    }
  if (bar->mark >= 0)
    plot_rect (out, CLAMP (bar->mark * scale - 1.5, 0, WIDTH - 3), 3, BAR_HEIGHT, "mark", "lower bound");
  plot_end_row (out, bar->value);
}

void
varve_plot_strip (GString *out, const char *label, const char *value, const VarvePlotCell *cells, guint n_cells,
                  double full)
{
  double x = 0, scale = full > 0 ? WIDTH / full : 0;
  plot_begin_row (out, "strip", label);
  plot_begin_svg (out, STRIP_HEIGHT);
  for (guint i = 0; i < n_cells; i++)
    {
      double width = CLAMP (cells[i].bytes * scale, 0, WIDTH - x);
      plot_rect (out, x, MAX (width - GAP, width * 0.6), STRIP_HEIGHT, cells[i].fill, cells[i].title);
      x += width;
    }
  plot_end_row (out, value);
}

void
varve_plot_legend (GString *out, const char *const *pairs)
{
  g_string_append (out, "<p class=\"legend\">");
  for (; pairs[0] != NULL; pairs += 2)
    {
      varve_markup_printf (out,
                           "<span><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"%s\" width=\"10\" "
                           "height=\"10\"/></svg> ",
                           pairs[0]);
      varve_markup_text (out, pairs[1]);
      g_string_append (out, "</span> ");
    }
  g_string_append (out, "</p>\n");
}
