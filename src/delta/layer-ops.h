/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/create-options.h"
#include "delta/endpoints.h"
#include "delta/kept-ops.h"

/* Makes the ops of all changed files, and assembles them into one stream for each layer. */

typedef struct {
  const VarveImageFile *file;  /* of the new image */
  const VarveAnatomy *anatomy; /* NULL where the file is used as one piece */
  VarveKeptOps plain, recoded; /* recoded is unset without has_recoded */
  gboolean has_recoded;
  gboolean *skips;       /* for each piece: whether a stream stays encoded; NULL: none does */
  double encode_seconds; /* of an applier's encoders, for recoded */
  guint64 encode_bytes;  /* their memory */
} VarveFileOps;

/* The ops of a whole layer. */
typedef struct {
  guint layer; /* G_MAXUINT: none */
  VarveKeptOps recoded;
} VarveWholeOps;

typedef struct {
  const VarveNewEnd *new;
  const VarveOldEnd *old;
  VarveExtentFile *spool;
  VarveFileOps *files;  /* for each of the new image's files */
  VarveWholeOps commit; /* of the commit layer */
} VarveLayerOps;

/* Matches the files of the layers for which @changed is TRUE. */
VarveLayerOps *varve_layer_ops_new (const VarveNewEnd *new, const VarveOldEnd *old, const gboolean *changed,
                                    const VarveDeltaCreateOptions *options, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_layer_ops_free (VarveLayerOps *ops);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerOps, varve_layer_ops_free)

/* The files of one layer in the order of the tar: a GArray of guint32, indices into files. */
GArray *varve_layer_ops_files (const VarveLayerOps *ops, guint layer);

/* Whether a varve entry for the layer would differ from a tar-diff entry. */
gboolean varve_layer_ops_has_recoded (const VarveLayerOps *ops, guint layer);
/* The estimated size of the layer's ops. */
guint64 varve_layer_ops_raw_bytes (const VarveLayerOps *ops, guint layer, VarveDeltaEntryKind kind);

typedef struct {
  guint layer;
  VarveDeltaEntryKind kind; /* TARDIFF or VARVE */
  int level;                /* zstd */
} VarveLayerOpsWrite;

/* Writes one entry to @out, compressed. */
gboolean varve_layer_ops_write (const VarveLayerOps *ops, const VarveLayerOpsWrite *write, const VarveSink *out,
                                GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
