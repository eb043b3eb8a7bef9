/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/sink.h"

/* Temporary storage for pieces that do not fit into memory, in files without a name: they vanish with the process,
 * however it ends. Thread-safe. */
typedef struct _VarveExtentFile VarveExtentFile;

/* A piece. What is in it has the positions from @at on. */
typedef struct {
  guint64 at, size_bytes;
} VarveExtent;

/* In the folder @path, or in varve_temporary_parent() when it is NULL. */
VarveExtentFile *varve_extent_file_new (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_extent_file_free (VarveExtentFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveExtentFile, varve_extent_file_free)

/* A file without a name, which the caller closes; -1 with @error. */
int varve_extent_file_open_fd (const char *path, GError **error);

/* What its file system has left, see base/disk-room.h. */
guint64 varve_extent_file_free_bytes (VarveExtentFile *file);

/* The @path it was made with. */
const char *varve_extent_file_folder (const VarveExtentFile *file);

/* Where a piece at @at is, for pread(2): a descriptor, which belongs to @file, and the offset in it. */
int varve_extent_file_fd (VarveExtentFile *file, guint64 at, guint64 *out_offset);

/* Room for exactly @size_bytes, which the caller then writes. For an unknown size there is the writer below. */
gboolean varve_extent_file_reserve (VarveExtentFile *file, guint64 size_bytes, guint64 *out_at, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_extent_file_write (VarveExtentFile *file, guint64 at, const void *data, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Gives the room back to the file system, if that can take it. */
void varve_extent_file_forget (VarveExtentFile *file, VarveExtent extent);

gboolean varve_extent_file_read (VarveExtentFile *file, guint64 at, void *buffer, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* A whole piece in memory; the caller frees it. */
guint8 *varve_extent_file_load (VarveExtentFile *file, VarveExtent extent, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes a piece to @sink, in parts. */
gboolean varve_extent_file_pour (VarveExtentFile *file, VarveExtent extent, const VarveSink *sink, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The varve_fasthash_64() of a whole piece, which is read in parts. */
gboolean varve_extent_file_hash (VarveExtentFile *file, VarveExtent extent, GCancellable *cancellable,
                                 guint64 *out_hash, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads a piece; @file must outlive the stream, or, with _take, belongs to it. */
GInputStream *varve_extent_file_open (VarveExtentFile *file, VarveExtent extent);
GInputStream *varve_extent_file_open_take (VarveExtentFile *file, VarveExtent extent);

/* Writes one piece from front to back; several writers may work at once. More than @max_bytes is LIMIT, nothing is
 * reserved for them. Freeing a writer before it is finished forgets the piece. */
typedef struct _VarveExtentFileWriter VarveExtentFileWriter;

VarveExtentFileWriter *varve_extent_file_writer_new (VarveExtentFile *file, guint64 max_bytes);
void varve_extent_file_writer_free (VarveExtentFileWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveExtentFileWriter, varve_extent_file_writer_free)
/* Room for this number of bytes, which no other writer of this process can claim. LIMIT where there is less. */
gboolean varve_extent_file_writer_claim (VarveExtentFileWriter *writer, guint64 size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_extent_file_writer_write (VarveExtentFileWriter *writer, const void *data, gsize size_bytes,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_extent_file_writer_finish (VarveExtentFileWriter *writer, VarveExtent *out_extent, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The writer as a sink; belongs to it. */
const VarveSink *varve_extent_file_writer_sink (VarveExtentFileWriter *writer);
