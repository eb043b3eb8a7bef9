/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "codec/anatomy.h"

/* Which compressed streams of new files are encoded again when a delta is applied: all, or the best within limits. */

/* A stream that no other one encloses, with the streams inside it. */
typedef struct {
  guint file;    /* index in the new image's files */
  guint32 piece; /* index of its BEGIN in the file's anatomy */
  guint64 size_bytes;
  double seconds;       /* of an applier's encoders */
  guint64 memory_bytes; /* of the encoders that are open at once */
  gboolean is_used;
} VarveOuterStream;

/* Appends the streams of a file to @streams, a GArray of VarveOuterStream. */
void varve_outer_streams_append (GArray *streams, guint file, const VarveAnatomy *anatomy);

/* Sets is_used: of the streams that take at most @max_memory_bytes, those with the most bytes per second, up to
 * @max_cpu_seconds (below 0: no limit). */
void varve_outer_streams_choose (GArray *streams, double max_cpu_seconds, guint64 max_memory_bytes);
