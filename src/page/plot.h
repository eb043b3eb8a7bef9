/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Plots as inline SVG that scales with the page. Labels are HTML beside the SVG, so they do not shrink on a phone.
 * Colours are classes of the page's style (page/page.c). */

/* A piece of a bar. */
typedef struct {
  double bytes;
  const char *fill;  /* "what", "more", "commit", "quiet", "other" */
  const char *title; /* tooltip, or NULL */
} VarvePlotPiece;

/* A row: label, a bar of pieces, value. @full bytes are the full width. @mark is drawn as a line; negative: none. */
typedef struct {
  const char *label, *value;
  const VarvePlotPiece *pieces;
  guint n_pieces;
  double full, mark;
} VarvePlotBar;

void varve_plot_bars_begin (GString *out);
/* The same, for bars in pairs. */
void varve_plot_pairs_begin (GString *out);
void varve_plot_bar (GString *out, const VarvePlotBar *bar);
void varve_plot_bars_end (GString *out);

/* A cell of a strip: a layer, as wide as its size. */
typedef struct {
  double bytes;
  const char *fill; /* as above, or "age0" … "age6" */
  const char *title;
} VarvePlotCell;

void varve_plot_strip (GString *out, const char *label, const char *value, const VarvePlotCell *cells, guint n_cells,
                       double full);

/* The meaning of the colours: pairs of class and text, then NULL. */
void varve_plot_legend (GString *out, const char *const *pairs);
