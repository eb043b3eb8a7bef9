#pragma once

#include <glib.h>

#include "base/json.h"
#include "compose/report.h"

/* "3.4 MB", in powers of 1000, as disks and networks are measured. */
char *varve_format_size (guint64 size_bytes);

/* As many names as fit, then how many are left; escaped. */
char *varve_format_names (const GPtrArray *names, gsize width);
/* Columns of the terminal, 100 where there is none. */
gsize varve_terminal_width (void);

/* A document on stdout, with line breaks. */
void varve_print_json (json_object *json);
/* The layers of an image or a plan as a table: number, size, share, chance of change, components. */
void varve_print_layers (const VarveReport *report);
