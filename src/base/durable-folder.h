/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include <glib.h>

/* Names of files and folders survive a loss of power only once the folder that has them is synced. */

/* Syncs the folder @name, relative to the folder @dirfd. */
gboolean varve_durable_folder_sync (int dirfd, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Creates the folder @path and its missing parents, as `mkdir -p` does, and syncs each folder that gets one. */
gboolean varve_durable_folder_make (const char *path, mode_t mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;
