/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* One package of apk's installed database: lines of a letter, a colon and a value; an empty line ends a record
 * (apk(5), apk-package(5)). */
typedef struct {
  const char *name, *origin; /* origin is the source package, NULL when missing */
  const char *version, *architecture, *licence, *maintainer, *homepage, *summary; /* each NULL when missing */
  gint64 build_time;                                                              /* 0 when unknown */
  GPtrArray *paths;                                                               /* char *, of its files */
} VarveApkPackage;

/* Returns FALSE to stop, with @error set. */
typedef gboolean (*VarveApkPackageFunc) (const VarveApkPackage *package, gpointer data, GError **error);

/* Calls @func for each package. CORRUPT, with the line number, for a line of another form or a record without a name.
 */
gboolean varve_apk_parse_installed (GBytes *bytes, VarveApkPackageFunc func, gpointer data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
