/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/layout.h"

/* A layout in one tar file, as "oci-archive:" has it. */

/* Opens an archive for reading: plain, or compressed with gzip or zstd. All headers are read once, to find the entries.
 * A layout's file that occurs twice, or is not a regular file, is VARVE_ERROR_CORRUPT. Names that do not belong to a
 * layout are ignored. Opening the first blob of a compressed archive decompresses all of it into a temporary file, see
 * varve_tarfile_inflate(). */
VarveBlobs *varve_archive_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* An archive being written. Blobs are staged in a layout in a temporary folder beside it, which the next run removes if
 * this one is killed. The archive appears under its name when it is complete. */
typedef struct _VarveArchive VarveArchive;

typedef enum {
  VARVE_ARCHIVE_WHOLE, /* a missing blob is an error */
  VARVE_ARCHIVE_THIN,  /* missing configs and layers are left out */
} VarveArchiveKind;

VarveArchive *varve_archive_create (const char *path, VarveObserver *observer, GCancellable *cancellable,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes the staged blobs. */
void varve_archive_free (VarveArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveArchive, varve_archive_free)

/* Where the caller adds blobs and publishes; empty at first. Belongs to @archive. */
VarveLayout *varve_archive_layout (VarveArchive *archive);
/* Writes every blob reachable from the index of @blobs and checks its digest; NULL is the archive's own layout. The
 * bytes depend only on the index and these blobs: ustar, time 0, owner 0, modes 0644 and 0755, blobs by name. */
gboolean varve_archive_finish (VarveArchive *archive, VarveBlobs *blobs, VarveArchiveKind kind,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
