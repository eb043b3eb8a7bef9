#pragma once

#include "oci/layout.h"

/* A layout in one tar file, as "oci-archive:" has it. */

/* Opens it for reading: plain, or compressed with gzip or zstd. The whole file is gone through once, to know what is in
 * it; a name of the layout that is there twice, or is no regular file, is VARVE_ERROR_CORRUPT. Names that a layout does
 * not have are ignored. The first blob that is opened of a compressed archive has it decompressed as a whole, once,
 * into a temporary file, see varve_tarfile_inflate(). */
VarveBlobs *varve_archive_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* An archive that is written. Blobs are gathered in a layout beside it, ".NAME.varve", which the next run takes over
 * when this one is killed; the archive appears under its name when it is whole. */
typedef struct _VarveArchive VarveArchive;

typedef enum {
  VARVE_ARCHIVE_WHOLE, /* a blob that is missing is an error */
  VARVE_ARCHIVE_THIN,  /* configs and layers that are missing are left out */
} VarveArchiveKind;

VarveArchive *varve_archive_create (const char *path, VarveObserver *observer, GCancellable *cancellable,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes the gathered blobs. */
void varve_archive_free (VarveArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveArchive, varve_archive_free)

/* Where the caller gathers and publishes; empty at first. It belongs to @archive. */
VarveLayout *varve_archive_layout (VarveArchive *archive);
/* Writes what the index of @blobs leads to, every digest checked; NULL is the archive's own layout. The bytes depend on
 * nothing but the index and these blobs: ustar, time 0, owner 0, modes 0644 and 0755, blobs by name. */
gboolean varve_archive_finish (VarveArchive *archive, VarveBlobs *blobs, VarveArchiveKind kind,
                               GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
