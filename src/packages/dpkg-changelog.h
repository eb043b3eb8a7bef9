/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#define VARVE_DPKG_CHANGELOG_MAX_BYTES (16u << 20)

/* When a package was changed, from its changelog (deb-changelog(5)), plain or as gzip: the times of the trailer lines
 * (" -- name <address> date"), seconds since 1970, in the order of the file, as gint64. It stops at an entry that is
 * more than VARVE_COMPONENT_PAST_DAYS older than the first, and after VARVE_CHANGES_MAX. Trailers with a date that
 * cannot be read are skipped. CORRUPT when the gzip is damaged, LIMIT when it unpacks to more than 16 MiB. */
GArray *varve_dpkg_parse_changelog (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "Tue, 01 Oct 2024 12:00:00 +0200" (RFC 5322, section 3.3; the day's name may be missing) in seconds since 1970. */
gboolean varve_dpkg_parse_date (const char *text, gint64 *out_time);
