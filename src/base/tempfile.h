/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A file that gets its name only when it is complete.
 *
 * Until then it is "<folder>/.varve-XXXXXX". Freeing it before varve_tempfile_publish() removes it, and
 * varve_remove_tempfiles() removes those of killed runs by that prefix. Not thread-safe. */
typedef struct _VarveTempfile VarveTempfile;

#define VARVE_TEMPFILE_PREFIX ".varve-"

/* In the folder @dirfd, which must outlive it. */
VarveTempfile *varve_tempfile_new (int dirfd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_tempfile_free (VarveTempfile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTempfile, varve_tempfile_free)

/* The descriptor, open for reading and writing; it belongs to @file. */
int varve_tempfile_fd (VarveTempfile *file);
/* Writes all of @data at the end. */
gboolean varve_tempfile_write (VarveTempfile *file, const void *data, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Syncs the data and renames it to @name in its folder, replacing what was there. The mode becomes 0644
 * whatever the umask. The folder itself is not synced. */
gboolean varve_tempfile_publish (VarveTempfile *file, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* All of the above for a whole small file. */
gboolean varve_write_file_atomic (int dirfd, const char *name, const void *data, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Removes what killed runs left in the folder; the caller holds the lock that excludes other runs. */
gboolean varve_remove_tempfiles (int dirfd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a file; one larger than @max_bytes is VARVE_ERROR_LIMIT. */
GBytes *varve_read_file (int dirfd, const char *name, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
