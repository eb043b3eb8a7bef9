/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/sink.h"
#include "delta/artifact.h"
#include "transport/target.h"

/* Where a new delta is written to. */

/* A blob that is written and hashed, and appears when it is published. */
typedef struct {
  VarveTempfile *file;
  VarveHash *hash; /* NULL once it is finished */
  VarveDigest digest;
  guint64 size_bytes;
} VarveDeltaBlob;

VarveDeltaBlob *varve_delta_blob_new (VarveTarget *target, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_delta_blob_free (VarveDeltaBlob *blob);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveDeltaBlob, varve_delta_blob_free)
VarveSink varve_delta_blob_sink (VarveDeltaBlob *blob);
/* Sets the digest. */
void varve_delta_blob_finish (VarveDeltaBlob *blob);
gboolean varve_delta_blob_publish (VarveDeltaBlob *blob, VarveTarget *target, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Copies a blob; its digest is checked. */
gboolean varve_delta_target_copy (VarveTarget *target, VarveBlobs *blobs, const VarveDescriptor *descriptor,
                                  GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  VarveManifest *manifest; /* of the artifact; its costs are summed up in its annotations */
  GBytes *target_manifest, *target_config;
} VarveDeltaDocuments;

/* Writes the documents and delivers the delta. */
gboolean varve_delta_target_publish (VarveTarget *target, const VarveDeltaDocuments *documents, VarveDigest *out_digest,
                                     GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
