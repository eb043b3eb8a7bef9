/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Writes a small file atomically. */
gboolean varve_write_text_file (const char *path, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes the digest and a line break; does nothing if @path is NULL. */
gboolean varve_write_digest_file (const char *path, const char *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
