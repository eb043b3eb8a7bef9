/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ostree/importer.h"
#include "verify/read-layers.h"

/* Writes objects in this importer's transaction. */
VarveObjectSink varve_import_sink (VarveImporter *importer);

/* Reads a layer and passes its objects to @sink; ignores @layer's own sink and findings. CORRUPT at the first error
 * among the findings. The commit and its detached metadata are only in the record. */
VarveLayerRecord *varve_import_layer (const VarveReadLayer *layer, const VarveObjectSink *sink,
                                      GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fails with the first error among the findings, if any. */
gboolean varve_import_check (VarveFindings *findings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
