/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* The years 0 to 9999, which is what RFC 3339 can write. */
#define VARVE_TIMESTAMP_MAX 253402300799ll

/* SOURCE_DATE_EPOCH (reproducible-builds.org), -1 if unset. USAGE if it is not a time. */
gboolean varve_source_date_read (gint64 *out_time, GError **error) G_GNUC_WARN_UNUSED_RESULT;
