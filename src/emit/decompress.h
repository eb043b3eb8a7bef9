/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "model/finding.h"

/* Reads a layer's blob as its tar: decompresses it by its media type, and counts and hashes both streams.
 *
 * Findings: "gzip.members" (importers of bootable images stop after the first), "zstd.frames" and
 * "zstd.skippable-frame" (notes), "compression.trailing-data". One thread at a time. */
typedef struct _VarveDecompressor VarveDecompressor;

/* Existing importers reject a larger zstd window. */
#define VARVE_ZSTD_WINDOW_LOG_MAX 27

typedef struct {
  VarveDigest digest;  /* of the compressed bytes */
  guint64 size_bytes;  /* of the same */
  VarveDigest diff_id; /* of the tar */
  guint64 raw_bytes;   /* of the same */
} VarveDecompressed;

/* The media types that importers accept are plain, gzip and zstd; any other is UNSUPPORTED. The decompressor keeps a
 * reference to @blob; @findings (may be NULL) must outlive it. Findings are located in @place. */
VarveDecompressor *varve_decompressor_new (const char *media_type, GInputStream *blob, VarveFindings *findings,
                                           const char *place, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_decompressor_free (VarveDecompressor *decompressor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDecompressor, varve_decompressor_free)

/* Sees the frames of zstd. */
typedef struct {
  /* A frame begins, skippable or not, at this byte of the blob and this byte of the tar. */
  void (*frame) (gpointer data, guint64 blob_offset, guint64 raw_offset);
  /* Bytes of a skippable frame, its header included, from this byte of the blob on. */
  void (*skippable) (gpointer data, guint64 blob_offset, const guint8 *bytes, gsize size_bytes);
  gpointer data;
} VarveFrameWatch;
/* Frames are then expected, and no findings. Does nothing for other compressions. @watch is copied. */
void varve_decompressor_watch (VarveDecompressor *decompressor, const VarveFrameWatch *watch);

/* Checked before each read from the blob. */
void varve_decompressor_set_cancellable (VarveDecompressor *decompressor, GCancellable *cancellable);

/* "gzip.members" becomes a note: readers of ordinary images read all members, as RFC 1952 says. */
void varve_decompressor_allow_members (VarveDecompressor *decompressor);

/* Up to @size_bytes of the tar: 0 at its end, -1 with @error. A stream that ends early is CORRUPT. */
gssize varve_decompressor_read (VarveDecompressor *decompressor, void *buffer, gsize size_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Reads the rest and returns digests and sizes. */
gboolean varve_decompressor_finish (VarveDecompressor *decompressor, VarveDecompressed *out_sums, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
