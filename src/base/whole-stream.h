/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Reads a stream to its end, also one that returns less than was asked for; one of more than @max_bytes is
 * VARVE_ERROR_LIMIT. */
GBytes *varve_whole_stream_read (GInputStream *stream, gsize max_bytes, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
