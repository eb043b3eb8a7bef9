#pragma once

#include <gio/gio.h>

/* Which skopeo there is. */
typedef struct {
  char *path;    /* absolute, or as given with a '/' in it */
  char *version; /* "1.9.3" */
  guint major, minor;
} VarveSkopeoVersion;

#define VARVE_SKOPEO_MAJOR_MIN 1
#define VARVE_SKOPEO_MINOR_MIN 9

/* @name is a path, or a name to look for in $PATH; NULL: $VARVE_SKOPEO, then "skopeo". Each is asked once in the life
 * of the process; what is returned stays. Too old a one is VARVE_ERROR_UNSUPPORTED. */
const VarveSkopeoVersion *varve_skopeo_version_find (const char *name, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Takes "skopeo version 1.9.3" and what follows apart; *@out_version is what is between the blanks. */
gboolean varve_skopeo_version_parse (const char *line, VarveSkopeoVersion *out_version, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* What it needs of our environment: a list to be freed with g_strfreev(). */
char **varve_skopeo_environment (void);
