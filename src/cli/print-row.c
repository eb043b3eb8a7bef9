/* SPDX-License-Identifier: Apache-2.0 */
/* The table of `bench images` and `bench commits`. */
#include "cli/print-row.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/print.h"

enum { LABEL_MAX = 40 };

static int
label_width (const VarveImageRow *row)
{
  gsize width = strlen ("UPDATE TO");
  for (guint i = 0; i < row->images->len; i++)
    {
      g_autofree char *label = varve_escape (varve_image_row_entry (row, i)->label);
      width = MAX (width, strlen (label));
    }
  return (int)MIN (width, LABEL_MAX);
}

static void
print_cost (guint64 bytes, double ratio, guint layers)
{
  g_autofree char *size = varve_format_size (bytes),
                  *times = ratio > 0 ? g_strdup_printf ("%.3f", ratio) : g_strdup ("-");
  printf ("  %9s %6s", size, times);
  if (layers > 0)
    printf (" %6u", layers);
  else
    printf (" %6s", "");
}

static void
print_bound (gboolean is_known, guint64 bytes)
{
  g_autofree char *size = is_known ? varve_format_size (bytes) : g_strdup ("-");
  printf ("  %9s", size);
}

static void
print_heading (int width, const char *name, const char *other_name)
{
  if (other_name != NULL)
    printf ("%-*s  %-23s  %-23s\n", width, "", name, other_name);
  printf ("%-*s  %9s %6s %6s", width, "UPDATE TO", "BYTES", "RATIO", "LAYERS");
  if (other_name != NULL)
    printf ("  %9s %6s %6s", "BYTES", "RATIO", "LAYERS");
  printf ("  %9s", "BOUND");
  if (other_name == NULL)
    printf ("  %10s  %9s %6s", "BY DIFF ID", "WHOLE", "STALE");
  puts ("");
}

/* A new installation. */
static void
print_whole (guint64 bytes, const VarveStaleTotal *stale)
{
  g_autofree char *size = varve_format_size (bytes);
  printf ("  %9s %4.1f %%", size, 100 * varve_stale_share (stale));
}

static void
print_step (const VarveImageRow *row, const VarveImageRow *other, guint index, int width)
{
  const VarveDiff *diff = varve_image_row_step (row, index)->diff;
  const VarveDiff *other_diff = other != NULL ? varve_image_row_step (other, index)->diff : NULL;
  g_autofree char *label = varve_escape (varve_image_row_entry (row, index + 1)->label),
                  *by_diff_id = varve_format_size (diff->by_diff_id.bytes);
  printf ("%-*s", width, label);
  print_cost (diff->by_digest.bytes, varve_diff_ratio (diff), diff->by_digest.layers);
  if (other_diff != NULL)
    print_cost (other_diff->by_digest.bytes, varve_diff_ratio (other_diff), other_diff->by_digest.layers);
  print_bound (diff->is_exact, diff->package_bytes);
  if (other == NULL)
    {
      printf ("  %10s", by_diff_id);
      print_whole (diff->image_bytes, &diff->stale);
    }
  puts ("");
}

static void
print_lag (const VarveImageRow *row, const VarveImageRow *other, guint index, int width)
{
  const VarveImageLag *lag = &row->lags[index];
  if (lag->updates == 0)
    return;
  g_autofree char *name = g_strdup_printf ("+%u release%s, mean of %u update%s", lag->lag, lag->lag == 1 ? "" : "s",
                                           lag->updates, lag->updates == 1 ? "" : "s"),
                  *by_diff_id = varve_format_size (lag->diff_id_bytes);
  printf ("%-*s", width, name);
  print_cost (lag->digest_bytes, lag->ratio, 0);
  if (other != NULL)
    print_cost (other->lags[index].digest_bytes, other->lags[index].ratio, 0);
  print_bound (lag->has_bound, lag->bound_bytes);
  if (other == NULL)
    printf ("  %10s", by_diff_id);
  puts ("");
}

void
varve_print_row (const VarveImageRow *row, const char *name, const VarveImageRow *other, const char *other_name)
{
  int width = MAX (label_width (row), (int)strlen ("+9 releases, mean of 999 updates"));
  print_heading (width, name, other != NULL ? other_name : NULL);
  for (guint i = 0; i < row->steps->len; i++)
    print_step (row, other, i, width);
  puts ("");
  for (guint i = 0; i < VARVE_IMAGE_ROW_LAGS; i++)
    print_lag (row, other, i, width);
  printf ("%-*s", width, "whole image");
  print_cost (row->full_bytes, 0, 0);
  if (other != NULL)
    print_cost (other->full_bytes, 0, 0);
  printf ("\n%-*s  %9s %4.1f %%", width, "stale", "", 100 * varve_stale_share (&row->stale));
  if (other != NULL)
    printf ("%*s %4.1f %%", 18, "", 100 * varve_stale_share (&other->stale));
  puts ("\n\nBOUND: the changed components, whole. RATIO: download without the commit layer, × BOUND.\n"
        "Whole image: a new installation, in the mean. Stale: the share of it that is of no use.");
}
