#pragma once

#include "delta/create.h"

/* The ops of all files that changed, gathered aside, and put together for each layer. */

typedef struct {
  const VarveImageFile *file;     /* of the new image */
  const VarveAnatomy *anatomy;    /* NULL where nothing inside is used */
  VarveExtent plain, looking;     /* compressed ops in the spool; looking is empty where it would be the same */
  guint64 plain_raw, looking_raw; /* bytes of these ops */
  gboolean has_looking;
  double encode_seconds; /* that an applier's encoders need for looking, */
  guint64 encode_bytes;  /* and the memory */
} VarveFileOps;

/* The ops of a whole layer. */
typedef struct {
  guint layer;         /* G_MAXUINT: there are none */
  VarveExtent looking; /* compressed, in the spool */
  guint64 looking_raw;
} VarveWholeOps;

typedef struct {
  const VarveNewEnd *new;
  const VarveOldEnd *old;
  VarveExtentFile *spool;
  VarveFileOps *files;  /* for each of the new image's files */
  VarveWholeOps commit; /* of the commit layer */
} VarveLayerOps;

/* Matches the files of the layers that @changed names. */
VarveLayerOps *varve_layer_ops_new (const VarveNewEnd *new, const VarveOldEnd *old, const gboolean *changed,
                                    const VarveDeltaCreateOptions *options, VarveObserver *observer,
                                    GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void varve_layer_ops_free (VarveLayerOps *ops);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerOps, varve_layer_ops_free)

/* The files of one layer: indices into files, in the order of the tar. GArray of guint32. */
GArray *varve_layer_ops_files (const VarveLayerOps *ops, guint layer);

/* Whether a delta of our own format has anything that tardf1 has not. */
gboolean varve_layer_ops_has_looking (const VarveLayerOps *ops, guint layer);
/* The bytes of the ops for its files, about. */
guint64 varve_layer_ops_raw_bytes (const VarveLayerOps *ops, guint layer, VarveDeltaEntryKind kind);

/* Writes one layer's delta to @out, compressed. */
gboolean varve_layer_ops_write (const VarveLayerOps *ops, guint layer, VarveDeltaEntryKind kind, int level,
                                const VarveSink *out, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
