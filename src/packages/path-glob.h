#pragma once

#include <glib.h>

/* Patterns over paths: '?' is one character and '*' any number of them, neither of them '/'; '**' crosses '/', and a
 * whole component '**' also stands for none; [abc], [a-z], [!abc]; a backslash takes the next character as it is.
 * Neither pattern nor path has a leading slash. */

/* CORRUPT when a bracket or a backslash is left open, or the pattern is empty or over 4096 bytes. */
gboolean varve_path_glob_check (const char *pattern, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @pattern has passed the check. */
gboolean varve_path_glob_match (const char *pattern, const char *path);
/* How many bytes at the start of @pattern are literally a directory, with its last slash: "usr/share/" of
 * "usr/share/f*". */
gsize varve_path_glob_literal_folder (const char *pattern);
