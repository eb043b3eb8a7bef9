#pragma once

#include <gio/gio.h>

#include "oci/descriptor.h"

/* Where the blobs of images are read from: a layout in a folder, or in an archive. */
typedef struct _VarveBlobs VarveBlobs;

struct _VarveBlobs {
  /* The content, which is exactly as long as the descriptor says and which the caller hashes. The stream does not need
   * @blobs any more. To be called from several threads. A blob that is not there is VARVE_ERROR_NOT_FOUND. */
  GInputStream *(*open_blob) (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable,
                              GError **error);
  /* The bytes of index.json. */
  GBytes *(*load_index) (VarveBlobs *blobs, GError **error);
  void (*free) (VarveBlobs *blobs);
};

void varve_blobs_free (VarveBlobs *blobs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveBlobs, varve_blobs_free)

GInputStream *varve_blobs_open (VarveBlobs *blobs, const VarveDescriptor *descriptor, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *varve_blobs_load_index (VarveBlobs *blobs, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A small blob whole, size and digest checked. */
GBytes *varve_blobs_load (VarveBlobs *blobs, const VarveDescriptor *descriptor, gsize max_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Reads the stream to its end and checks size and digest against the descriptor. Each piece goes to @func, which may be
 * NULL. */
typedef gboolean (*VarveBlobFunc) (const void *data, gsize size_bytes, gpointer user_data, GError **error);
gboolean varve_blobs_stream (VarveBlobs *blobs, const VarveDescriptor *descriptor, VarveBlobFunc func,
                             gpointer user_data, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
