#pragma once

#include <gio/gio.h>

/* One line without its end; @line is UTF-8 without control characters but tabs. */
typedef gboolean (*VarveLineFunc) (const char *line, gpointer data, GError **error);

#define VARVE_LINES_MAX_LINE_BYTES (16u << 20)
#define VARVE_LINES_MAX_BYTES (1u << 30)

/* Calls @func for every line of a file that is not empty. The file is plain text, or such compressed with xz, gzip,
 * zstd or bzip2. Beyond the two limits above (of what is unpacked) it fails with VARVE_ERROR_LIMIT. Errors, those of
 * @func too, begin with the file's name and the line's number. */
gboolean varve_lines_read (const char *path, VarveLineFunc func, gpointer data, GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "2020-01-31", to the beginning of that day in UTC, in seconds since 1970. */
gboolean varve_lines_parse_date (const char *text, gint64 *out_time, GError **error) G_GNUC_WARN_UNUSED_RESULT;
