#pragma once

#include <glib.h>

/* Plots as inline SVG that stretches with the page. Words stand beside them as HTML, so that they stay as large on a
 * phone. Colours are classes of the page's style (page/page.c). */

/* A piece of a bar. */
typedef struct {
  double bytes;
  const char *fill;  /* "what", "more", "commit", "quiet", "other" */
  const char *title; /* what a pointer is told, or NULL */
} VarvePlotPiece;

/* A row: its name, a bar of these pieces where @full is the whole width, and what it comes to. @mark, at least 0, is
 * drawn as a line across; below 0 there is none. */
typedef struct {
  const char *label, *value;
  const VarvePlotPiece *pieces;
  guint n_pieces;
  double full, mark;
} VarvePlotBar;

void varve_plot_bars_begin (GString *out);
/* The same where every two belong together. */
void varve_plot_pairs_begin (GString *out);
void varve_plot_bar (GString *out, const VarvePlotBar *bar);
void varve_plot_bars_end (GString *out);

/* A cell of a strip: a layer as wide as its bytes. */
typedef struct {
  double bytes;
  const char *fill; /* as above, or "age0" … "age6" */
  const char *title;
} VarvePlotCell;

void varve_plot_strip (GString *out, const char *label, const char *value, const VarvePlotCell *cells, guint n_cells,
                       double full);

/* What the colours mean: pairs of a class and words, ending in NULL. */
void varve_plot_legend (GString *out, const char *const *pairs);
