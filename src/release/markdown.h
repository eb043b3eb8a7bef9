/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Outside text as a code span of Markdown (GitHub's, spec 0.29), outside of tables: nothing in it is markup, a link, or
 * the mention of a user. Control characters and bad UTF-8 are escaped, long text is cut. */
void varve_markdown_append_code (GString *out, const char *text);
/* The same for a cell of a table. */
void varve_markdown_append_code_cell (GString *out, const char *text);
/* "3.4 MB", in powers of 1000. */
void varve_markdown_append_size (GString *out, guint64 size_bytes);
