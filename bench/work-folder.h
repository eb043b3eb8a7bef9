#pragma once

#include <glib.h>

/* A new folder for a measure's files below @parent; NULL is TMPDIR, else /var/tmp, since /tmp may be memory. */
char *varve_work_folder_new (const char *parent, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes a folder with all that is in it. */
gboolean varve_work_folder_remove (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
