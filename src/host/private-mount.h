#pragma once

#include <glib.h>

/* Makes the mount that @path is on writable, for this process alone: where it is read-only, the process (its calling
 * thread, and what that starts from then on) gets a mount namespace of its own. To be called before other threads are
 * started and before anything there is opened. Where it is writable nothing is done. */
gboolean varve_private_mount_writable (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
