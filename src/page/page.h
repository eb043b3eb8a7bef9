/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/json.h"

/* Renders measurements as one HTML page without scripts or external resources, for screens, phones and paper. */

typedef struct {
  char *name;            /* the source, shown below the heading */
  json_object *document; /* the --json output of a verb */
} VarvePageInput;

/* Whether the page can show the document; else UNSUPPORTED. */
gboolean varve_page_check (json_object *document, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @inputs are VarvePageInput that passed varve_page_check(); the caller frees the text. */
char *varve_page_render (const GArray *inputs);
