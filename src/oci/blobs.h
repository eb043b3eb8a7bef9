/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "oci/descriptor.h"

/* The source that blobs of images are read from: a layout in a folder, or in an archive. */
typedef struct _VarveBlobs VarveBlobs;

struct _VarveBlobs {
  /* The content, exactly as long as the descriptor says; the caller checks its digest. The stream is independent of
   * @blobs. Thread-safe. A missing blob is VARVE_ERROR_NOT_FOUND. */
  GInputStream *(*open_blob) (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable,
                              GError **error);
  /* The file of a blob, not checked beyond its size; a symlink is CORRUPT. NULL where blobs are not files. */
  int (*open_file) (VarveBlobs *blobs, const VarveDescriptor *descriptor, GError **error);
  /* The bytes of index.json. */
  GBytes *(*load_index) (VarveBlobs *blobs, GError **error);
  void (*free) (VarveBlobs *blobs);
};

void varve_blobs_free (VarveBlobs *blobs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveBlobs, varve_blobs_free)

GInputStream *varve_blobs_open (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *varve_blobs_load_index (VarveBlobs *blobs, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads @stream to its end and checks size and digest. */
gboolean varve_blobs_check_stream (GInputStream *stream, const VarveDescriptor *descriptor, GCancellable *cancellable,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads all of a small blob and checks size and digest. */
GBytes *varve_blobs_load (VarveBlobs *blobs, const VarveDescriptor *descriptor, gsize max_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Reads the blob to its end and checks size and digest. Each piece is passed to @func, which may be NULL. */
typedef gboolean (*VarveBlobFunc) (const void *data, gsize size_bytes, gpointer user_data, GError **error);
gboolean varve_blobs_stream (VarveBlobs *blobs, const VarveDescriptor *descriptor, VarveBlobFunc func,
                             gpointer user_data, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
