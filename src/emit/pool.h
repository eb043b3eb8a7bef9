/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "base/observer.h"
#include "emit/format.h"
#include "emit/layer.h"
#include "model/inventory.h"
#include "model/source.h"

/* Gives a finished blob its name; called from another thread, one blob at a time. */
typedef gboolean (*VarvePublishFunc) (gpointer data, VarveTempfile *file, const VarveLayerResult *result,
                                      GError **error);

typedef struct {
  const VarveInventory *inventory;
  VarveSource *source;
  VarveFormat format;
  VarveCompressOptions compress; /* workers are ignored */
  guint jobs;                    /* cores to use, at least 1 */
  int blobs_fd;                  /* the folder for temporary files of blobs; -1: measure only */
  VarvePublishFunc publish;
  gpointer publish_data;
  VarveObserver *observer;
} VarvePool;

typedef struct {
  const guint32 *objects; /* in the order of the tar; NULL for the first layer: commit, or folders */
  guint32 n_objects;
  const GPtrArray *whiteouts; /* paths that a layer of whiteouts removes, without any object; NULL: another layer */
  VarveLayerResult result;    /* set by varve_pool_write() */
} VarvePoolLayer;

/* Writes all layers, the largest first, several at a time. Each job takes at most about 230 MB of memory at the default
 * level. The first failure stops all and is returned; blobs published before stay. */
gboolean varve_pool_write (const VarvePool *pool, VarvePoolLayer *layers, gsize n_layers, GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Raw bytes of a layer of these objects. */
guint64 varve_pool_layer_bytes (VarveFormat format, const VarveInventory *inventory, const guint32 *objects,
                                guint32 n_objects);
