#pragma once

#include <glib.h>

/* The one error domain of varve. Errors of GIO and libostree pass through with their own domain. */
#define VARVE_ERROR (varve_error_quark ())

typedef enum {
  VARVE_ERROR_USAGE,       /* the caller asked for something that makes no sense */
  VARVE_ERROR_NOT_FOUND,   /* something named is not there */
  VARVE_ERROR_UNSUPPORTED, /* valid, but not something that varve handles */
  VARVE_ERROR_CORRUPT,     /* data that contradicts itself or its digest */
  VARVE_ERROR_LIMIT,       /* a named limit on outside data was hit */
  VARVE_ERROR_IO,          /* the operating system said no */
} VarveError;

GQuark varve_error_quark (void);

/* Sets @error from @saved_errno: "<message>: <strerror>". ENOENT becomes NOT_FOUND, all else IO.
 * Returns FALSE, so that a caller can return it. */
gboolean varve_set_errno (GError **error, int saved_errno, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Outside text made fit for a message: control bytes and invalid UTF-8 escaped, cut after 200 bytes. */
char *varve_escape (const char *text);
/* The same, cut after @max_bytes. */
char *varve_escape_long (const char *text, gsize max_bytes);
