/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"

/* The lock of a layout against other writers: the file ".varve_lock" in its folder, which exists while the lock is held
 * or after a killed run. Only users who can write into the folder can open the file, so only they can hold the lock.
 * The file has the process ID of the holder. */

#define VARVE_LAYOUT_LOCK_NAME ".varve_lock"
#define VARVE_LOCK_TIMEOUT_SECONDS 600 /* the default */

/* How long to wait for another writer; 0: not at all. For the whole process; call it before any layout is opened. */
void varve_layout_lock_set_timeout (guint seconds);

/* Takes the lock of the folder, waits for another writer with one warning to @observer, and returns the open file, or
 * -1. @name is the layout's, escaped, for that warning. */
int varve_layout_lock_take (int folder_fd, const char *name, VarveObserver *observer, GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes the file and closes it. */
void varve_layout_lock_release (int folder_fd, int lock_fd);
