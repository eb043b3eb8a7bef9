/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "base/sink.h"
#include "emit/arena.h"
#include "emit/chunked-index.h"

typedef enum {
  VARVE_COMPRESSION_ZSTD, /* one frame, window at most 2^27, as importers demand */
  VARVE_COMPRESSION_GZIP, /* one member, as importers demand */
  VARVE_COMPRESSION_NONE,
  VARVE_COMPRESSION_ZSTD_CHUNKED, /* emit/chunked.h: many frames, for clients that fetch parts; only of a tar */
} VarveCompression;

typedef struct {
  VarveCompression compression;
  int level;         /* zstd 1 … 22, gzip 1 … 9; ignored for none */
  guint workers;     /* threads for large inputs, at least 1; changes no byte */
  VarveArena *arena; /* memory to work in, or NULL; changes no byte */
} VarveCompressOptions;

#define VARVE_ZSTD_LEVEL_DEFAULT 6
#define VARVE_GZIP_LEVEL_DEFAULT 6
#define VARVE_COMPRESS_OPTIONS_INIT                                                                                    \
  { .compression = VARVE_COMPRESSION_ZSTD, .level = VARVE_ZSTD_LEVEL_DEFAULT, .workers = 1 }

/* "zstd", "zstd:chunked", "gzip", "none". */
gboolean varve_compression_from_string (const char *name, VarveCompression *out_compression, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
const char *varve_compression_to_string (VarveCompression compression);
int varve_compression_level_default (VarveCompression compression);
/* VARVE_ERROR_USAGE if the compression has no such level. */
gboolean varve_compression_check_level (VarveCompression compression, int level, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The version of its library; "" for none. */
const char *varve_compression_version (VarveCompression compression);
/* The media type of a layer with this compression (image-spec 1.1, layer.md). */
const char *varve_compression_media_type (VarveCompression compression);
/* The compression of a layer with this descriptor, by its media type, OCI's or Docker's, and its annotations; FALSE for
 * another media type. */
gboolean varve_compression_of_layer (const VarveDescriptor *descriptor, VarveCompression *out_compression);

/* A compressing stream. Its bytes depend on the input, its size, the compression, the level and the version of the
 * library; not on the workers, the machine, or the sizes of writes. */
typedef struct _VarveCompressor VarveCompressor;

/* @raw_bytes is the exact size of the input; @out takes the result and outlives the compressor. */
VarveCompressor *varve_compressor_new (const VarveCompressOptions *options, guint64 raw_bytes, const VarveSink *out,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_compressor_free (VarveCompressor *compressor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveCompressor, varve_compressor_free)
/* Room for the next @size_bytes, which varve_compressor_write() then takes without a copy; NULL if there is none. */
guint8 *varve_compressor_borrow (VarveCompressor *compressor, gsize size_bytes);
gboolean varve_compressor_write (VarveCompressor *compressor, const void *data, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean varve_compressor_finish (VarveCompressor *compressor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of zstd:chunked, after it is finished; otherwise NULL. Belongs to @compressor. */
const VarveChunkedIndex *varve_compressor_index (const VarveCompressor *compressor);

/* Whether an input of this size is compressed on several threads. That costs size and time, so only inputs that would
 * keep the other cores waiting at the end are. */
gboolean varve_compression_is_threaded (VarveCompression compression, guint64 raw_bytes);

/* The size from which on it is. With zstd, a server of 1.69 GB in 64 layers at level 3 is 507 MB with 64 MiB here;
 * without threads it is 499 MB and takes 5 % less time and 50 MB less memory. */
#define VARVE_ZSTD_THREADED_MIN_BYTES (256ull << 20)
#define VARVE_GZIP_THREADED_MIN_BYTES (32ull << 20)
