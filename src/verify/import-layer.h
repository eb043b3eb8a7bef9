#pragma once

#include "ostree/importer.h"
#include "verify/read-layers.h"

/* Objects go into this importer's transaction. */
VarveObjectSink varve_import_sink (VarveImporter *importer);

/* Reads a layer, its objects into @sink. The first finding of an error ends it as CORRUPT. @layer's own sink and
 * findings are not looked at. The commit and its detached metadata are not written: they are in the record. */
VarveLayerRecord *varve_import_layer (const VarveReadLayer *layer, const VarveObjectSink *sink,
                                      GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE with the first error among the findings, where there is one. */
gboolean varve_import_check (VarveFindings *findings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
