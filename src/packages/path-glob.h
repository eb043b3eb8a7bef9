/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Patterns for paths: '?' matches one character and '*' any number of them, neither matches '/'; '**' also matches '/',
 * and a whole component '**' also matches no component; [abc], [a-z], [!abc]; a backslash makes the next character
 * literal. Neither pattern nor path has a leading slash. */

/* CORRUPT for an open bracket, a backslash at the end, and a pattern that is empty or over 4096 bytes. */
gboolean varve_path_glob_check (const char *pattern, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @pattern has passed the check. */
gboolean varve_path_glob_match (const char *pattern, const char *path);
/* Whether the path matches any of a list that ends with NULL. */
gboolean varve_path_glob_match_any (const char *const *patterns, const char *path);
/* The length of the literal directories at the start of @pattern, with the last slash: of "usr/share/" in
 * "usr/share/f*". */
gsize varve_path_glob_literal_folder (const char *pattern);
