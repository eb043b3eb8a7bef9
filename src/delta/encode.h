/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "delta/sources.h"
#include "delta/tardiff.h"

/* Writes the ops for one file of the new image. */

typedef struct {
  const VarveSources *sources;
  VarveExtentFile *old_spool, *new_spool;
  GCancellable *cancellable;
} VarveEncodeContext;

typedef struct {
  VarveExtent content; /* of the new file, in the new spool */
  guint64 hash;
  GPtrArray *names;
  const VarveAnatomy *anatomy; /* NULL for a file of one piece */
  const gboolean *skips;       /* for each piece: whether a stream is taken as it is; NULL: none is */
} VarveEncodeFile;

/* Uses only the ops of tar-diff. */
gboolean varve_encode_plain (const VarveEncodeContext *context, const VarveEncodeFile *file, VarveTardiffWriter *writer,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Also decodes pieces of old files, and encodes the result again. */
gboolean varve_encode_recoded (const VarveEncodeContext *context, const VarveEncodeFile *file,
                               VarveTardiffWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  const guint8 *old;
  gsize old_bytes;
  guint64 old_at; /* offset of old in the open source */
  const guint8 *new;
  gsize new_bytes;
} VarveEncodePair;

/* Writes the ops that make new from old. The caller has opened the source. */
gboolean varve_encode_match (const VarveEncodePair *pair, VarveTardiffWriter *writer, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
