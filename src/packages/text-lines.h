/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#define VARVE_LISTED_PATH_MAX_BYTES 4096u

/* The lines of an untrusted text, in order. */
typedef struct {
  const char *text; /* the line without its newline; ends in NUL, may contain others */
  gsize length_bytes;
  guint number; /* from 1 */

  /* private */
  char *buffer, *next, *end;
} VarveTextLines;

VarveTextLines *varve_text_lines_new (GBytes *bytes);
void varve_text_lines_free (VarveTextLines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTextLines, varve_text_lines_free)

/* Moves to the next line; FALSE after the last one. The text of the previous line becomes invalid. */
gboolean varve_text_lines_next (VarveTextLines *lines);
/* Whether the line is a string: it contains no NUL. */
gboolean varve_text_lines_is_string (const VarveTextLines *lines);
/* Whether the line can be a path: a string of 1 to 4096 bytes. */
gboolean varve_text_lines_is_path (const VarveTextLines *lines);
