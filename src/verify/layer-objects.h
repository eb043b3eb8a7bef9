#pragma once

#include <gio/gio.h>

#include "emit/tar-read.h"
#include "model/content-checksum.h"
#include "model/source.h"
#include "verify/layer-record.h"
#include "verify/object-name.h"

/* The objects of one layer, in the order in which they stand there: the importers' rules for a commit layer and for a
 * layer of content objects, and every checksum. What breaks a rule is a finding named "object.…", and is then not in
 * the record. */

typedef enum {
  VARVE_LAYER_COMMIT,  /* layer 0: the commit and its metadata, and content objects where the image has one layer */
  VARVE_LAYER_CONTENT, /* content objects only */
  VARVE_LAYER_DERIVED, /* after the last layer of OSTree: only its sums are looked at */
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

/* @sink may be NULL: then each content is hashed here. All must outlive the result. */
VarveLayerObjects *varve_layer_objects_new (VarveLayerRole role, VarveLayerRecord *record, VarveFindings *findings,
                                            const VarveObjectSink *sink);
void varve_layer_objects_free (VarveLayerObjects *objects);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VarveLayerObjects, varve_layer_objects_free)

/* The entry that the reader is at, whose name is that of an object. An error only where the tar cannot be read on, or
 * the sink fails. */
gboolean varve_layer_objects_take (VarveLayerObjects *objects, const VarveObjectName *name,
                                   const VarveTarReadEntry *entry, VarveTarReader *reader, GCancellable *cancellable,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* At the end of the layer. */
void varve_layer_objects_finish (VarveLayerObjects *objects);
