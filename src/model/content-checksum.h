/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/digest.h"

/* The identity of a file object: SHA-256 over BE32 length, four zero bytes, the GVariant (uuuusa(ayay)) of uid, gid,
 * mode, rdev 0, symlink target and extended attributes, and the content. Source: libostree, ostree-core.h,
 * OSTREE_FILEMETA and "File objects" there. */
typedef struct {
  guint32 uid, gid, mode;     /* mode with S_IFREG or S_IFLNK */
  const char *symlink_target; /* NULL for a regular file */
  GBytes *xattrs;             /* serialized a(ayay), never NULL */
} VarveContentHeader;

/* Feeds what precedes the content. The caller feeds the content with varve_hash_update(); a symlink has none. */
void varve_content_checksum_start (VarveHash *hash, const VarveContentHeader *header);
/* The whole checksum, for content in memory. */
VarveDigest varve_content_checksum_of (const VarveContentHeader *header, const void *content, gsize size_bytes);
