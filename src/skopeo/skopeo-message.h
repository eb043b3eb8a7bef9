#pragma once

#include <glib.h>

/* What skopeo says when it fails, made an error of ours. */

/* Sets @error from a message of skopeo's: what it wrote to stderr, or the "error" of its proxy. Of log lines the last
 * fatal or error one counts. The code is the nearest of ours: a manifest or blob that is not there is
 * VARVE_ERROR_NOT_FOUND, what does not match its digest VARVE_ERROR_CORRUPT, all else VARVE_ERROR_IO. */
void varve_skopeo_set_error (GError **error, const char *messages);
/* Whether the same may work at another time: a connection that failed, a registry that is too busy. */
gboolean varve_skopeo_may_retry (const GError *error);
/* The warnings among the log lines, each to be freed with the array. */
GPtrArray *varve_skopeo_warnings (const char *messages);
