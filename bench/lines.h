/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* @line has no newline; it is UTF-8 without control characters other than tabs. */
typedef gboolean (*VarveLineFunc) (const char *line, gpointer data, GError **error);

#define VARVE_LINES_MAX_LINE_BYTES (16u << 20)
#define VARVE_LINES_MAX_BYTES (1u << 30)

/* Calls @func for every line of a file that is not empty. The file is text, plain or compressed with xz, gzip, zstd or
 * bzip2. LIMIT beyond the two limits above, which count unpacked bytes. Errors, also those of @func, begin with the
 * file's name and the line number. */
gboolean varve_lines_read (const char *path, VarveLineFunc func, gpointer data, GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Parses "2020-01-31": the start of that day in UTC, in seconds since 1970. */
gboolean varve_lines_parse_date (const char *text, gint64 *out_time, GError **error) G_GNUC_WARN_UNUSED_RESULT;
