/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The one error domain of varve. Errors of GIO and libostree pass through with their own domain. */
#define VARVE_ERROR (varve_error_quark ())

typedef enum {
  VARVE_ERROR_USAGE,       /* a wrong request */
  VARVE_ERROR_NOT_FOUND,   /* something named does not exist */
  VARVE_ERROR_UNSUPPORTED, /* valid, but not handled by varve */
  VARVE_ERROR_CORRUPT,     /* data that is malformed, or differs from its digest */
  VARVE_ERROR_LIMIT,       /* outside data exceeds a limit */
  VARVE_ERROR_IO,          /* an error of the operating system */
} VarveError;

GQuark varve_error_quark (void);

/* Sets @error from @saved_errno: "<message>: <strerror>". ENOENT becomes NOT_FOUND, anything else IO.
 * Returns FALSE, for the caller to return. */
gboolean varve_set_errno (GError **error, int saved_errno, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Outside text for use in a message: control bytes and invalid UTF-8 escaped, cut after 200 bytes. */
char *varve_escape (const char *text);
/* The same, cut after @max_bytes. */
char *varve_escape_long (const char *text, gsize max_bytes);
