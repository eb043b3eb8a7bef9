/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Whether a containers-storage folder, which need not exist, has an image of this name ("docker://HOST/NAME[:TAG]"). If
 * bootc's has the host's image, the host pulls it with podman into that storage. */
gboolean varve_unified_storage_has (const char *storage_path, const char *image, gboolean *out_has, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The IDs (char *, owned by the array) of images that had this name and no other, and have none now: an image that is
 * stored under the name of another one takes it away, but the other one stays. */
GPtrArray *varve_unified_storage_former (const char *storage_path, const char *image, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
