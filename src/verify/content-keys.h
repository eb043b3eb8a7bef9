/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "oci/image.h"
#include "verify/layer-record.h"

/* Compares each annotation varve.content-key with the objects and paths of its layer: a later build reuses the layer by
 * that key alone. @records: VarveLayerRecord of the commit's layers, all complete. Error "layer.content-key". */
void varve_content_keys_check (const VarveImage *image, GPtrArray *records, VarveFindings *findings);
