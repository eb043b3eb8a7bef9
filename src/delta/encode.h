#pragma once

#include "delta/sources.h"
#include "delta/tardiff.h"

/* Ops for one file of the new image. */

typedef struct {
  const VarveSources *sources;
  VarveExtentFile *old_spool, *new_spool;
  GCancellable *cancellable;
} VarveEncodeContext;

typedef struct {
  VarveExtent content; /* of the new file, in the new spool */
  guint64 hash;
  GPtrArray *names;
  const VarveAnatomy *anatomy; /* NULL where nothing is inside */
} VarveEncodeFile;

/* With ops that every applier of tardf1 knows. */
gboolean varve_encode_plain (const VarveEncodeContext *context, const VarveEncodeFile *file, VarveTardiffWriter *writer,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* With those too that look through encoders. */
gboolean varve_encode_looking (const VarveEncodeContext *context, const VarveEncodeFile *file,
                               VarveTardiffWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The ops by which @new is made from @old, whose bytes begin at @old_at in what is open; nothing is opened here. */
gboolean varve_encode_match (const guint8 *old, gsize old_bytes, guint64 old_at, const guint8 *new, gsize new_bytes,
                             VarveTardiffWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
