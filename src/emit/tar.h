/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/sink.h"
#include "model/xattrs.h"

/* Writes the tar form of OSTree layers that existing importers and hosts read: GNU headers, no user or group names,
 * long names in GNU 'L' and 'K' entries, extended attributes in PAX records. The header bytes decide a layer's diff ID,
 * so they are written here rather than by a library, whose choices may change. */

#define VARVE_TAR_BLOCK_BYTES 512

typedef enum {
  VARVE_TAR_FILE = '0',
  VARVE_TAR_HARD_LINK = '1',
  VARVE_TAR_SYMLINK = '2',
  VARVE_TAR_DIRECTORY = '5',
} VarveTarType;

typedef struct {
  VarveTarType type;
  const char *name;      /* as in the archive */
  const char *link_name; /* of hard links and symlinks, else NULL */
  guint32 mode;          /* permission bits only, 07777 */
  guint32 uid, gid;
  guint64 size_bytes; /* of the content that follows; 0 unless a file */
  guint64 mtime;      /* seconds since 1970; 0 in OSTree layers */
  GBytes *pax;        /* records of a PAX header, or NULL; see varve_tar_pax_from_xattrs() */
} VarveTarEntry;

/* Writes the headers of an entry; the caller then writes its content and varve_tar_write_padding(). */
gboolean varve_tar_write_entry (VarveSink *sink, const VarveTarEntry *entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The zero bytes that fill the last block of content of that size. */
gboolean varve_tar_write_padding (VarveSink *sink, guint64 content_size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The two zero blocks that end an archive. */
gboolean varve_tar_write_end (VarveSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The bytes of the whole entry: headers, content, padding. */
guint64 varve_tar_entry_bytes (const VarveTarEntry *entry);

/* PAX records "SCHILY.xattr.<name>", in the order of the attributes, without security.selinux, which hosts
 * compute. A name with '=' is written unchanged, like other exporters do, although readers cut it there. NULL if there
 * is nothing to write. */
GBytes *varve_tar_pax_from_xattrs (const VarveXattrs *xattrs);
