#pragma once

#include "base/json.h"

/* One HTML page of what varve measured: no scripts, nothing fetched, legible on paper and on a phone. */

typedef struct {
  char *name;            /* where it is from, for a heading */
  json_object *document; /* what some verb wrote with --json */
} VarvePageInput;

/* Whether it is a document that has a section; else UNSUPPORTED. */
gboolean varve_page_check (json_object *document, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @inputs are VarvePageInput, each checked; the caller frees the text. */
char *varve_page_render (const GArray *inputs);
