/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* One package of pacman's local database: blocks of a "%NAME%" line and its values, each ended by an empty line
 * (alpm, lib/libalpm/be_local.c documents the files desc and files). */
typedef struct {
  char *name, *base;                                       /* NULL when missing; base is the source package */
  gint64 build_time;                                       /* 0 when unknown */
  char *version, *architecture, *packager, *url, *summary; /* each NULL when missing */
  GPtrArray *licences;                                     /* char *; NULL when missing */
} VarvePacmanPackage;

void varve_pacman_package_clear (VarvePacmanPackage *package);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VarvePacmanPackage, varve_pacman_package_clear)

/* Parses the file desc; CORRUPT when it has no package name. */
gboolean varve_pacman_parse_desc (GBytes *bytes, VarvePacmanPackage *out_package, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Parses the file files: calls @func for each path that is not a directory; returns the number of lines that are not
 * paths. */
guint varve_pacman_parse_files (GBytes *bytes, void (*func) (const char *path, gpointer data), gpointer data);
