/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "emit/tar-read.h"

/* Reads the tar of a layer that other tools wrote, in any form: POSIX ustar and pax, GNU, old. Uses libarchive, as
 * libostree does for such layers. Rejects what no image may contain; everything has a limit. */
typedef struct _VarveForeignTar VarveForeignTar;

typedef enum {
  VARVE_FOREIGN_FILE,
  VARVE_FOREIGN_HARD_LINK,
  VARVE_FOREIGN_SYMLINK,
  VARVE_FOREIGN_DIRECTORY,
  VARVE_FOREIGN_SPECIAL, /* a device or a fifo */
} VarveForeignType;

typedef struct {
  VarveForeignType type;
  const char *name;         /* as written, in bytes; never NULL */
  const char *link_name;    /* of a link, as written; else NULL */
  guint32 mode, uid, gid;   /* mode: permission bits alone */
  gint64 mtime;             /* seconds since 1970; may be negative */
  guint64 size_bytes;       /* of a file's content, else 0; of a sparse file with its holes: the caller limits it */
  const VarveXattr *xattrs; /* in no order, possibly with duplicate names */
  guint n_xattrs;
} VarveForeignEntry;

VarveForeignTar *varve_foreign_tar_new (VarveTarReadFunc read, gpointer source, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_foreign_tar_free (VarveForeignTar *tar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveForeignTar, varve_foreign_tar_free)

/* The next entry, valid until the next call; NULL in *out_entry at the end. Owners beyond 32 bits are UNSUPPORTED; more
 * than VARVE_TAR_ENTRIES_MAX entries and names longer than VARVE_TAR_NAME_MAX_BYTES are LIMIT. */
gboolean varve_foreign_tar_next (VarveForeignTar *tar, const VarveForeignEntry **out_entry, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Content of the last file: 0 at its end, after exactly size_bytes; -1 with @error. Holes of sparse files (old GNU, and
 * GNU's PAX formats 0.0, 0.1 and 1.0) are zeros. */
gssize varve_foreign_tar_read (VarveForeignTar *tar, void *buffer, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
