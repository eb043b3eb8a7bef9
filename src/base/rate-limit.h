/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Limits what several threads read together to a number of bytes per second. NULL means no limit. */
typedef struct _VarveRateLimit VarveRateLimit;

/* "500k", "1.5M", "2MB", "1000000": bytes per second, in powers of 1000, more than 0; else VARVE_ERROR_USAGE. */
gboolean varve_rate_limit_parse (const char *text, guint64 *out_bytes_per_second, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

VarveRateLimit *varve_rate_limit_new (guint64 bytes_per_second);
void varve_rate_limit_free (VarveRateLimit *limit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveRateLimit, varve_rate_limit_free)

/* Counts @bytes as read at @now_us (monotonic) and returns the microseconds to wait before reading more. At most a
 * quarter of a second of unused time is credited. */
gint64 varve_rate_limit_account (VarveRateLimit *limit, guint64 bytes, gint64 now_us);
/* The same, and waits; FALSE if cancelled. */
gboolean varve_rate_limit_wait (VarveRateLimit *limit, guint64 bytes, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
