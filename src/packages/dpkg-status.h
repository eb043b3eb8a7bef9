/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* dpkg's own text formats: deb822 paragraphs (deb822(5)), list files, md5sums (deb-md5sums(5)), diversions
 * (dpkg-divert(1)). */

typedef struct {
  char *name;         /* of the binary package */
  char *architecture; /* may be empty */
  char *source;       /* the source package, without a version */
  /* NULL where the paragraph lacks them: */
  char *version, *source_version; /* the second only if it differs */
  char *maintainer, *homepage, *summary;
} VarveDpkgPackage;

/* The packages of a status file that have their files in the tree: those whose status is neither "not-installed" nor
 * "config-files", and those without a status (status.d). An array of VarveDpkgPackage, in the order of the file.
 * CORRUPT, with the line number, for anything other than paragraphs of fields; LIMIT beyond 100,000 packages. */
GPtrArray *varve_dpkg_parse_status (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Called for each path, as the file has it. */
typedef void (*VarveDpkgPathFunc) (const char *path, gpointer data);

/* The paths of a list or md5sums file; returns the number of lines that are not paths. */
guint varve_dpkg_parse_list (GBytes *bytes, VarveDpkgPathFunc func, gpointer data);
guint varve_dpkg_parse_md5sums (GBytes *bytes, VarveDpkgPathFunc func, gpointer data);

typedef struct {
  char *from, *to; /* the diverted path, and its target */
  char *package;   /* the diverting one, whose own file is not diverted; ":" for the administrator */
} VarveDpkgDiversion;

/* The records of a diversions file, an array of VarveDpkgDiversion; CORRUPT, with the line number, for a record of
 * anything other than three lines. */
GPtrArray *varve_dpkg_parse_diversions (GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
