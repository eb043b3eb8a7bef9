/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Makes errors from skopeo's messages. */

/* Sets @error from skopeo's stderr or from the "error" of its proxy, by the last fatal or error line of the log. A
 * missing manifest or blob is VARVE_ERROR_NOT_FOUND, a digest that does not match VARVE_ERROR_CORRUPT, anything else
 * VARVE_ERROR_IO. */
void varve_skopeo_set_error (GError **error, const char *messages);
/* Whether the failure is transient: a failed connection, a busy registry. */
gboolean varve_skopeo_may_retry (const GError *error);
/* The warnings in the log; the array owns them. */
GPtrArray *varve_skopeo_warnings (const char *messages);
