/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A tar file, read through libarchive from any header on. Only regular, non-sparse files have content. */
typedef struct _VarveTarfile VarveTarfile;

typedef struct {
  const char *name; /* without a leading "./"; valid until the next call */
  gint64 position;  /* of its header in an uncompressed file; meaningless in a compressed one */
  guint64 size_bytes;
  gboolean regular; /* a regular file, neither sparse nor a hard link */
} VarveTarEntry;

typedef enum {
  VARVE_TAR_ENTRY,
  VARVE_TAR_END,
  VARVE_TAR_ERROR,
} VarveTarResult;

/* Reads a regular file, plain or compressed with gzip or zstd, from byte @position on. @fd is duplicated and its offset
 * is not used. */
VarveTarfile *varve_tarfile_open (int fd, gint64 position, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_tarfile_free (VarveTarfile *tarfile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarfile, varve_tarfile_free)

/* The next entry; skips the rest of the current one's content. At most 65,536 entries and 2^40 bytes of content. */
VarveTarResult varve_tarfile_next (VarveTarfile *tarfile, VarveTarEntry *out_entry, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The decompressed bytes, in an unnamed temporary file that disappears when it is closed; any entry can then be read
 * without the ones before it. At most 2^36 bytes. -1 with @error. */
int varve_tarfile_inflate (int fd, GCancellable *cancellable, GError **error);
gboolean varve_tarfile_is_compressed (VarveTarfile *tarfile);
/* Content of the current entry; 0 at its end, -1 on error. */
gssize varve_tarfile_read (VarveTarfile *tarfile, void *data, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The content of the current entry as a stream, which takes @tarfile. */
GInputStream *varve_tarfile_to_stream (VarveTarfile *tarfile);
