/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "emit/tar-header.h"
#include "emit/tar-pax.h"
#include "model/finding.h"

/* Reads a tar entry by entry, and checks how existing importers would read it. A form that all can read but varve does
 * not write is a finding; what they read differently, or not at all, is an error with its byte offset.
 *
 * Findings: errors "tar.mtime", "tar.number-empty", "tar.end", "tar.trailing-data", "tar.name-nul", "tar.name-both",
 * "tar.type-name", and those of emit/tar-pax.h; notes "tar.header-form", "tar.long-name", "tar.padding", "pax.path",
 * "pax.size". */
typedef struct _VarveTarReader VarveTarReader;

#define VARVE_TAR_NAME_MAX_BYTES (64u << 10)
#define VARVE_TAR_ENTRIES_MAX 20000000u
#define VARVE_TAR_SPARSE_BLOCKS_MAX (1u << 20) /* for the map of one sparse file in the old GNU format */

/* Up to @size_bytes; 0 at the end, -1 with @error. */
typedef gssize (*VarveTarReadFunc) (gpointer source, void *buffer, gsize size_bytes, GError **error);

typedef struct {
  const char *name;      /* as written, at least one byte */
  const char *link_name; /* as written; "" when there is none */
  char type;             /* of VarveTarType, or any other byte, which the caller checks */
  guint64 mode, uid, gid, size_bytes, mtime;
  const VarveXattr *xattrs; /* from PAX */
  guint n_xattrs;
  gboolean is_sparse; /* the content and its size are those of the stored pieces, perhaps after their map */
} VarveTarReadEntry;

/* @findings may be NULL; it and @source must outlive the reader. Findings are located in @place. */
VarveTarReader *varve_tar_reader_new (VarveTarReadFunc read, gpointer source, VarveFindings *findings,
                                      const char *place);
void varve_tar_reader_free (VarveTarReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveTarReader, varve_tar_reader_free)

/* Moves to the next entry, skipping the rest of this one's content. At the end of the archive, which must be the end of
 * the data, *@out_entry is NULL. The entry is valid until the next call. */
gboolean varve_tar_reader_next (VarveTarReader *reader, const VarveTarReadEntry **out_entry, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The next piece of this entry's content, valid until the next call; no bytes at its end. */
gboolean varve_tar_reader_chunk (VarveTarReader *reader, const guint8 **out_data, gsize *out_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The rest of the content; more than @max_bytes is LIMIT. */
GBytes *varve_tar_reader_load (VarveTarReader *reader, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same as a stream, valid until the next call of varve_tar_reader_next() and no longer than @reader. */
GInputStream *varve_tar_reader_stream (VarveTarReader *reader);

/* The number of bytes read from the tar: right after varve_tar_reader_next(), the offset of this entry's content. */
guint64 varve_tar_reader_offset (const VarveTarReader *reader);

/* "<place>: <name of this entry>", or the byte offset if no name is known yet. */
const char *varve_tar_reader_where (VarveTarReader *reader);

/* A name without empty and "." components; the root is "". NULL where it has "..". The caller frees it. */
char *varve_tar_clean_name (const char *name);
