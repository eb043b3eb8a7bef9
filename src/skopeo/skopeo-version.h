/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* An installed skopeo. */
typedef struct {
  char *path;    /* absolute, or as given when it has a '/' */
  char *version; /* "1.9.3" */
  guint major, minor;
} VarveSkopeoVersion;

#define VARVE_SKOPEO_MAJOR_MIN 1
#define VARVE_SKOPEO_MINOR_MIN 9

/* @name is a path, or a name to find in $PATH; NULL: $VARVE_SKOPEO, then "skopeo". The result is cached and never
 * freed. A version that is too old is VARVE_ERROR_UNSUPPORTED. */
const VarveSkopeoVersion *varve_skopeo_version_find (const char *name, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Parses "skopeo version 1.9.3"; anything after the version is ignored. */
gboolean varve_skopeo_version_parse (const char *line, VarveSkopeoVersion *out_version, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The environment for skopeo; free it with g_strfreev(). */
char **varve_skopeo_environment (void);
