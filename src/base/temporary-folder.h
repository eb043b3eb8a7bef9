/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A folder of our own for temporary files, mode 0700, removed with all that is in it when it is freed. It is locked
 * while it is in use: the next run of varve removes what a killed run left in the same parent folder. */
typedef struct _VarveTemporaryFolder VarveTemporaryFolder;

/* In @parent, or in varve_temporary_parent() if it is NULL. */
VarveTemporaryFolder *varve_temporary_folder_new (const char *parent, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_temporary_folder_free (VarveTemporaryFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTemporaryFolder, varve_temporary_folder_free)
/* Absolute; belongs to @folder. */
const char *varve_temporary_folder_path (const VarveTemporaryFolder *folder);

/* Removes a file, or a folder with all that is in it, as far as that can be removed; follows no symlink and stays on
 * the file system. */
void varve_remove_all (const char *path);

/* $TMPDIR, or /var/tmp if it is not set: /tmp is often memory. */
const char *varve_temporary_parent (void);
