#pragma once

#include <gio/gio.h>

#include "base/sink.h"

/* A large file without a name, in which pieces are kept that do not fit into memory: gone with the process, however
 * that ends. Thread-safe. */
typedef struct _VarveExtentFile VarveExtentFile;

/* A piece of it. */
typedef struct {
  guint64 at, size_bytes;
} VarveExtent;

/* In the folder @path, or in varve_temporary_parent() when it is NULL. */
VarveExtentFile *varve_extent_file_new (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_extent_file_free (VarveExtentFile *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveExtentFile, varve_extent_file_free)

/* Just such a file, which the caller closes; -1 with @error. */
int varve_extent_file_open_fd (const char *path, GError **error);

/* The folder that it was made in, or NULL, so that another can be made there. */
const char *varve_extent_file_folder (const VarveExtentFile *spool);

/* Its descriptor, for pread(2); it belongs to @spool. */
int varve_extent_file_fd (const VarveExtentFile *spool);

/* Room for so many bytes: where they begin. Writing them is the caller's affair; for a size that is not known
 * beforehand there is the writer below. */
guint64 varve_extent_file_reserve (VarveExtentFile *spool, guint64 size_bytes);
gboolean varve_extent_file_write (VarveExtentFile *spool, guint64 at, const void *data, gsize size_bytes,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives the room back to the file system, where that can. */
void varve_extent_file_forget (VarveExtentFile *spool, VarveExtent extent);

gboolean varve_extent_file_read (VarveExtentFile *spool, guint64 at, void *buffer, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* A whole piece in memory; the caller frees it. */
guint8 *varve_extent_file_load (VarveExtentFile *spool, VarveExtent extent, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Hands a piece to @sink, bit by bit. */
gboolean varve_extent_file_pour (VarveExtentFile *spool, VarveExtent extent, const VarveSink *sink, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Reads a piece; @spool must outlive the stream, or, with _take, belongs to it. */
GInputStream *varve_extent_file_open (VarveExtentFile *spool, VarveExtent extent);
GInputStream *varve_extent_file_open_take (VarveExtentFile *spool, VarveExtent extent);

/* Writes one piece from front to back; several may be at work at once. At most @max_bytes: more is LIMIT. A piece that
 * is not finished is forgotten. */
typedef struct _VarveExtentFileWriter VarveExtentFileWriter;

VarveExtentFileWriter *varve_extent_file_writer_new (VarveExtentFile *spool, guint64 max_bytes);
void varve_extent_file_writer_free (VarveExtentFileWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveExtentFileWriter, varve_extent_file_writer_free)
gboolean varve_extent_file_writer_write (VarveExtentFileWriter *writer, const void *data, gsize size_bytes,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_extent_file_writer_finish (VarveExtentFileWriter *writer, VarveExtent *out_extent, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The writer as a sink; belongs to it. */
const VarveSink *varve_extent_file_writer_sink (VarveExtentFileWriter *writer);
