#pragma once

#include <glib.h>

/* Whether a containers-storage folder, which need not be there, has an image of this name ("docker://HOST/NAME[:TAG]").
 * In that of bootc it says that the host pulls its image with podman, into there. */
gboolean varve_unified_storage_has (const char *storage_path, const char *image, gboolean *out_has, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
