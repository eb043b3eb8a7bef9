/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Works on item @index. Called from several threads at once. */
typedef gboolean (*VarveParallelFunc) (gsize index, gpointer data, GCancellable *cancellable, GError **error);

/* Calls @func for 0 … @n_items - 1, in that order, on up to @jobs threads, or on fewer if the system
 * allows no more; the calling thread is one of them. After a failure or when
 * cancelled no further item is started. If several items fail, the error is that of the lowest index. */
gboolean varve_parallel_for (guint jobs, gsize n_items, VarveParallelFunc func, gpointer data,
                             GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
