/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/script.h"

/* Composes the ops of two deltas. Those of the second read files of a middle image; here they are answered from what
 * the first says about these files. */

/* A layer of the middle image. At least one script is set; both describe the same tar. */
typedef struct {
  VarveScript *own;   /* with encoders */
  VarveScript *plain; /* without: says also what a part of a stream consists of */
} VarveMiddleLayer;

/* What a name or a layer of the middle image is. */
typedef struct {
  const VarveMiddleLayer *layer; /* NULL: the same in the old image */
  VarveExtent content;           /* in the layer's tar */
} VarveMiddleFile;

typedef struct {
  VarveMiddleFile (*find_file) (gconstpointer data, const char *name);
  VarveMiddleFile (*find_layer) (gconstpointer data, const VarveDigest *diff_id);
  gconstpointer data;
} VarveMiddleImage;

typedef enum {
  VARVE_MERGE_PLAIN, /* only what tar-diff can express */
  VARVE_MERGE_OWN,
} VarveMergeKind;

typedef struct {
  const VarveMiddleImage *middle;
  VarveChains *chains;
  VarveExtentFile *spool; /* of the scripts; decoded pieces go there too */
  VarveMergeKind kind;
} VarveMergeOptions;

/* What the encoders of the result cost when it is applied. */
typedef struct {
  double seconds;
  guint64 memory_bytes;
} VarveMergeCosts;

/* Writes the ops of @blob, an entry of the second delta, as ops over the old image. UNSUPPORTED, with the reason, where
 * that needs bytes that neither delta has. */
gboolean varve_merge_ops (GInputStream *blob, const VarveMergeOptions *options, VarveTardiffWriter *writer,
                          VarveMergeCosts *out_costs, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
