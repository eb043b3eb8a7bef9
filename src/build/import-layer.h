#pragma once

#include "build/read-layers.h"
#include "ostree/importer.h"

/* Reads a layer, its objects into the importer's transaction. The first finding of an error ends it as CORRUPT. @layer's sink and
 * findings are set here. The commit and its detached metadata are not written: they are in the record. */
VarveLayerRecord *varve_import_layer (const VarveReadLayer *layer, VarveImporter *importer, GCancellable *cancellable,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE with the first error among the findings, where there is one. */
gboolean varve_import_check (VarveFindings *findings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
