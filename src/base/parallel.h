#pragma once

#include <gio/gio.h>

/* Does item @index of the work. Called from several threads at once. */
typedef gboolean (*VarveParallelFunc) (gsize index, gpointer data, GCancellable *cancellable, GError **error);

/* Calls @func for 0 … @n_items - 1, in that order, on up to @jobs threads (at least one). After the first
 * failure no further item is started; that failure is returned, the lowest index first where several
 * items failed. Cancelling stops it the same way. */
gboolean varve_parallel_for (guint jobs, gsize n_items, VarveParallelFunc func, gpointer data,
                             GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
