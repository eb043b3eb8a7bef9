/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "emit/tar-read.h"
#include "model/content-checksum.h"
#include "model/source.h"
#include "verify/layer-record.h"
#include "verify/object-name.h"

/* Checks the objects of one layer in their order, by the importers' rules for commit layers and content layers, and
 * every checksum. An object that breaks a rule is a finding "object.…" and not in the record. */

typedef enum {
  VARVE_LAYER_COMMIT,  /* layer 0: the commit and its metadata; also content objects in an image of one layer */
  VARVE_LAYER_CONTENT, /* content objects only */
  VARVE_LAYER_DERIVED, /* after the last layer of the commit: only size, digest and diff ID are checked */
} VarveLayerRole;

/* A content object as it is read from a layer. */
typedef struct {
  VarveDigest checksum; /* as its name has it */
  const VarveContentHeader *header;
  guint64 size_bytes;
  GInputStream *stream; /* NULL for a symlink; a sink need not read it */
} VarveLayerContent;

/* Receives the objects of layers, from several threads. */
typedef struct {
  /* Checks the checksum itself. */
  gboolean (*content) (gpointer data, const VarveLayerContent *content, GCancellable *cancellable, GError **error);
  /* Dirtrees and dirmetas whose checksum is right; NULL: they are only recorded. The commit stays in the record until
   * all objects are there. */
  gboolean (*metadata) (gpointer data, VarveMetadataKind kind, const VarveDigest *checksum, GBytes *raw,
                        GCancellable *cancellable, GError **error);
  gpointer data;
} VarveObjectSink;

typedef struct _VarveLayerObjects VarveLayerObjects;

/* Without @sink, contents are hashed here. All arguments must outlive the result. */
VarveLayerObjects *varve_layer_objects_new (VarveLayerRole role, VarveLayerRecord *record, VarveFindings *findings,
                                            const VarveObjectSink *sink);
void varve_layer_objects_free (VarveLayerObjects *objects);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerObjects, varve_layer_objects_free)

/* Takes the reader's current entry, which is an object named @name. Fails only where the tar cannot be read or the sink
 * fails. */
gboolean varve_layer_objects_take (VarveLayerObjects *objects, const VarveObjectName *name,
                                   const VarveTarReadEntry *entry, VarveTarReader *reader, GCancellable *cancellable,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Call it at the end of the layer. */
void varve_layer_objects_finish (VarveLayerObjects *objects);
