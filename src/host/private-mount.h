/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Makes the mount of @path writable for this process alone. If it is read-only, the calling thread, and the threads and
 * processes that it starts later, get a private mount namespace; so call it before starting threads and before opening
 * anything there. Does nothing if the mount is writable. */
gboolean varve_private_mount_writable (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
