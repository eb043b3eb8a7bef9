/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* "100000000", "100M", "1.5G", "64KiB": k, M, G and T are powers of 1000, with "i" of 1024; "B" may follow. Fails with
 * VARVE_ERROR_USAGE and a message that starts with @option. */
gboolean varve_byte_size_parse (const char *text, const char *option, guint64 *out_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
