/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/digest.h"
#include "base/observer.h"
#include "base/tempfile.h"
#include "emit/compress.h"

/* Writes one layer: takes the bytes of the tar, gives the compressed file, its digest and the diff ID. */
typedef struct _VarveLayerWriter VarveLayerWriter;

typedef struct {
  VarveDigest digest;  /* of the blob */
  guint64 size_bytes;  /* of the blob */
  VarveDigest diff_id; /* of the tar */
  guint64 raw_bytes;   /* of the tar */
  gboolean is_chunked; /* the next is set */
  VarveChunkedIndex index;
} VarveLayerResult;

/* @raw_bytes must be exactly the size of the tar. The blob is a temporary file in the folder @blobs_fd; -1 only
 * measures it. Each raw byte advances @observer. */
VarveLayerWriter *varve_layer_writer_new (const VarveCompressOptions *options, guint64 raw_bytes, int blobs_fd,
                                          VarveObserver *observer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_layer_writer_free (VarveLayerWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerWriter, varve_layer_writer_free)

/* A descriptor of the blob, with the annotations that its compression demands. */
VarveDescriptor *varve_layer_result_describe (const VarveLayerResult *result, VarveCompression compression);

/* Takes the tar; belongs to @writer. */
VarveSink *varve_layer_writer_sink (VarveLayerWriter *writer);
/* Ends the layer. *out_file is not published yet; NULL when the blob is only measured. */
gboolean varve_layer_writer_finish (VarveLayerWriter *writer, VarveLayerResult *out_result, VarveTempfile **out_file,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
