/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/extent-file.h"
#include "delta/tardiff.h"

/* Ops in a spool, compressed fast until the stream that they belong to is compressed as a whole. */

typedef struct {
  VarveExtent kept;  /* compressed, in the spool */
  guint64 raw_bytes; /* of the ops */
} VarveKeptOps;

typedef struct _VarveOpKeeper VarveOpKeeper;

/* @about_bytes, an estimate, decides only the window. */
VarveOpKeeper *varve_op_keeper_new (VarveExtentFile *spool, guint64 about_bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void varve_op_keeper_free (VarveOpKeeper *keeper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveOpKeeper, varve_op_keeper_free)
/* Belongs to @keeper. */
VarveTardiffWriter *varve_op_keeper_writer (VarveOpKeeper *keeper);
gboolean varve_op_keeper_finish (VarveOpKeeper *keeper, VarveKeptOps *out_ops, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Copies kept ops into the stream that they belong to. */
gboolean varve_kept_ops_append (VarveExtentFile *spool, VarveExtent kept, VarveOpCompressor *out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The level for a stream, at most @level: the high ones are slow and gain nothing on a stream of mostly new bytes. */
int varve_kept_ops_level (guint64 raw_bytes, guint64 kept_bytes, int level);
