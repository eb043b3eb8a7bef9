#pragma once

#include <gio/gio.h>

/* A tar file read through libarchive from any header on. Only regular files, and no sparse ones, have content here. */
typedef struct _VarveTarfile VarveTarfile;

typedef struct {
  const char *name; /* without a leading "./"; valid until the next call */
  gint64 position;  /* where its header starts, in an uncompressed file; otherwise no use */
  guint64 size_bytes;
  gboolean regular; /* and not sparse, and no hard link */
} VarveTarEntry;

typedef enum {
  VARVE_TAR_ENTRY,
  VARVE_TAR_END,
  VARVE_TAR_ERROR,
} VarveTarResult;

/* Of a regular file, plain or compressed with gzip or zstd, from byte @position on. Its own position is independent of
 * @fd, which is duplicated. */
VarveTarfile *varve_tarfile_open (int fd, gint64 position, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_tarfile_free (VarveTarfile *tarfile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarfile, varve_tarfile_free)

/* The next one; what is left of the last one's content is skipped. At most 65,536 entries and 2^40 bytes of content. */
VarveTarResult varve_tarfile_next (VarveTarfile *tarfile, VarveTarEntry *out_entry, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same bytes decompressed, in a file without a name in TMPDIR or /var/tmp, which goes when it is closed: then any
 * entry can be read without what stands before it. At most 2^36 bytes. -1 with @error. */
int varve_tarfile_inflate (int fd, GCancellable *cancellable, GError **error);
gboolean varve_tarfile_is_compressed (VarveTarfile *tarfile);
/* Of the entry that was returned last; 0 at its end, -1 on error. */
gssize varve_tarfile_read (VarveTarfile *tarfile, void *data, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The content of the entry as a stream, which takes @tarfile. */
GInputStream *varve_tarfile_to_stream (VarveTarfile *tarfile);
