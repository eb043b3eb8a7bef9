/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/json.h"
#include "compose/report.h"

/* "3.4 MB", in powers of 1000. */
char *varve_format_size (guint64 size_bytes);

/* "1 layer", "2 layers". */
char *varve_format_count (guint64 n, const char *noun);
/* "2026-10-16", the day in UTC of a time in seconds since 1970; NULL for one that no calendar has. */
char *varve_format_day (gint64 time);
/* "2.1 MB in 5 layers (0.4 %), the oldest since 2026-10-16"; NULL if nothing is stale. */
char *varve_format_stale (const VarveStaleTotal *stale);
/* "although partly stale: 3 layers, 45.0 MB not downloaded again"; NULL without such layers. */
char *varve_format_kept (const VarveReport *report);
/* The names that fit in @width, escaped, then the number of omitted ones. */
char *varve_format_names (const GPtrArray *names, gsize width);
/* Columns of the terminal; 100 without one. */
gsize varve_terminal_width (void);

/* Prints a document to stdout, with line breaks. */
void varve_print_json (json_object *json);
/* The layers of an image or a plan as a table: number, size, share, chance of change, stale bytes if there are any,
 * components. */
void varve_print_layers (const VarveReport *report);
