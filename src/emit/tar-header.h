/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "emit/tar.h"

/* Reads one header block: POSIX ustar's offsets, with the magic of GNU, of POSIX or none, numbers in octal or in GNU's
 * base-256. */

/* Forms that readers accept and emit/tar.h does not write. */
typedef enum {
  VARVE_TAR_ODD_MAGIC = 1 << 0,        /* not GNU's */
  VARVE_TAR_ODD_NUMBER = 1 << 1,       /* not zero-padded octal with a final NUL, or unnecessary base-256 */
  VARVE_TAR_ODD_EMPTY_NUMBER = 1 << 2, /* empty mode, owner or time: some readers fail on it */
  VARVE_TAR_ODD_OWNER_NAME = 1 << 3,   /* a user, a group or device numbers */
  VARVE_TAR_ODD_REMAINDER = 1 << 4,    /* bytes without a meaning are not zero */
  VARVE_TAR_ODD_TYPE = 1 << 5,         /* NUL for a regular file */
} VarveTarOddity;

typedef struct {
  char type;      /* as in the header; VARVE_TAR_FILE for NUL */
  char name[257]; /* with POSIX's prefix */
  char link_name[101];
  guint64 mode, uid, gid, size_bytes, mtime;
  gboolean is_extended; /* of VARVE_TAR_SPARSE: a block with more of the map follows */
  guint oddities;       /* of VarveTarOddity */
} VarveTarHeader;

/* GNU's old format of sparse files. */
#define VARVE_TAR_SPARSE 'S'

/* Whether another block follows this one, which has more of the map of a sparse file. */
gboolean varve_tar_sparse_block_is_extended (const guint8 *block);
gboolean varve_tar_block_is_zero (const guint8 *block);
/* CORRUPT if the checksum or a number is wrong, or if existing readers disagree. */
gboolean varve_tar_header_parse (const guint8 *block, VarveTarHeader *out_header, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
