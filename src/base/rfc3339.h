/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* "2026-11-30T20:00:00Z" (RFC 3339, in UTC, without fractions) of seconds since 1970; NULL outside of the years 1 to
 * 9999, which is what the format can write. The caller frees it. */
char *varve_rfc3339_format (gint64 seconds);
