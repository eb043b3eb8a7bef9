/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/json.h"
#include "compose/report.h"

/* "3.4 MB", in powers of 1000. */
char *varve_format_size (guint64 size_bytes);

/* "1 layer", "2 layers". */
char *varve_format_count (guint64 n, const char *noun);
/* The names that fit in @width, escaped, then the number of omitted ones. */
char *varve_format_names (const GPtrArray *names, gsize width);
/* Columns of the terminal; 100 without one. */
gsize varve_terminal_width (void);

/* Prints a document to stdout, with line breaks. */
void varve_print_json (json_object *json);
/* The layers of an image or a plan as a table: number, size, share, chance of change, components. */
void varve_print_layers (const VarveReport *report);
