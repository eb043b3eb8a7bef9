/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "chunker/ledger.h"
#include "oci/image.h"
#include "verify/layer-record.h"

/* Compares each annotation varve.content-key with the objects and paths of its layer: a later build reuses the layer by
 * that key alone; and what the ledger claims of the layers (NULL for none), see verify/ledger-claims.h. @records:
 * VarveLayerRecord of the commit's layers, all complete, after varve_tree_paths_check(). Errors "layer.content-key",
 * "layer.ledger". */
void varve_content_keys_check (const VarveImage *image, GPtrArray *records, const VarveLedger *ledger,
                               VarveFindings *findings);
