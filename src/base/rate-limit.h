#pragma once

#include <gio/gio.h>

/* Keeps the sum of what several threads read below so many bytes a second. A NULL limit is none. */
typedef struct _VarveRateLimit VarveRateLimit;

/* "500k", "1.5M", "2MB", "1000000": bytes a second, in powers of 1000; more than 0. VARVE_ERROR_USAGE for all else. */
gboolean varve_rate_limit_parse (const char *text, guint64 *out_bytes_per_second, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

VarveRateLimit *varve_rate_limit_new (guint64 bytes_per_second);
void varve_rate_limit_free (VarveRateLimit *limit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveRateLimit, varve_rate_limit_free)

/* @bytes were read at @now_us (monotonic): how long to wait, in microseconds, before more is read. Time that was not
 * used is forgotten but for a quarter of a second. */
gint64 varve_rate_limit_account (VarveRateLimit *limit, guint64 bytes, gint64 now_us);
/* The same, and waits; FALSE when @cancellable ends it. */
gboolean varve_rate_limit_wait (VarveRateLimit *limit, guint64 bytes, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
