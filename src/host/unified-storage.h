/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether a containers-storage folder, which need not exist, has an image of this name ("docker://HOST/NAME[:TAG]"). If
 * bootc's has the host's image, the host pulls it with podman into that storage. */
gboolean varve_unified_storage_has (const char *storage_path, const char *image, gboolean *out_has, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
