#pragma once

#include <glib.h>

#include "emit/tar.h"

/* One header block as it is read: POSIX ustar's offsets, with the magic of GNU, of POSIX or none, numbers in octal or
 * in GNU's base-256. */

/* Forms that readers take and that emit/tar.h does not write. */
typedef enum {
  VARVE_TAR_ODD_MAGIC = 1 << 0,        /* not GNU's */
  VARVE_TAR_ODD_NUMBER = 1 << 1,       /* not zero-padded octal with a final NUL, or base-256 without need */
  VARVE_TAR_ODD_EMPTY_NUMBER = 1 << 2, /* mode, owner or time left empty: some readers fail on it */
  VARVE_TAR_ODD_OWNER_NAME = 1 << 3,   /* user, group or device numbers where none belong */
  VARVE_TAR_ODD_REMAINDER = 1 << 4,    /* bytes that have no meaning are not zero */
  VARVE_TAR_ODD_TYPE = 1 << 5,         /* NUL for a regular file */
} VarveTarOddity;

typedef struct {
  char type;      /* as in the header, NUL given as VARVE_TAR_FILE */
  char name[257]; /* with POSIX's prefix */
  char link_name[101];
  guint64 mode, uid, gid, size_bytes, mtime;
  guint oddities; /* of VarveTarOddity */
} VarveTarHeader;

gboolean varve_tar_block_is_zero (const guint8 *block);
/* CORRUPT where the checksum or a number is wrong, or where the readers of the field disagree. */
gboolean varve_tar_header_parse (const guint8 *block, VarveTarHeader *out_header, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
