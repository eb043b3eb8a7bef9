#pragma once

#include <glib.h>

/* A small file at a path of the user's, whole or not at all. */
gboolean varve_write_text_file (const char *path, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The digest and a line break in the file; a NULL @path writes nothing. */
gboolean varve_write_digest_file (const char *path, const char *digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;
